// Verdicts in colour: only where a terminal has colours and is to show them.
import { expect, it } from 'vitest';
import { printOutcome, printVerdicts, table, verdict } from '../../src/cli/output.ts';

const TABLE = table(
  ['kernel', ''],
  [
    ['passes', verdict(true)],
    ['FAIL in its name', verdict(false)],
  ],
);

/** What is written to a standard output of some kind. */
function written(
  { isTTY, colours }: { isTTY: boolean; colours: boolean },
  print = (terminal: NodeJS.WriteStream) => printVerdicts(TABLE, terminal),
): string {
  let text = '';
  print({
    isTTY,
    hasColors: () => colours,
    write: (part: string) => {
      text += part;
    },
  } as unknown as NodeJS.WriteStream);
  return text;
}

it('are green and red on a terminal', () => {
  expect(written({ isTTY: true, colours: true })).toBe(
    [
      'kernel',
      'passes            \u001b[32mpass\u001b[39m',
      'FAIL in its name  \u001b[31mFAIL\u001b[39m',
      '',
    ].join('\n'),
  );
  const outcome = (passed: boolean) =>
    written({ isTTY: true, colours: true }, (terminal) => printOutcome(passed, 'all of it', terminal));
  expect(outcome(true)).toBe('\u001b[32mall of it\u001b[39m\n');
  expect(outcome(false)).toBe('\u001b[31mall of it\u001b[39m\n');
});

it.each([
  ['on a terminal without colours, or with NO_COLOR', { isTTY: true, colours: false }],
  ['in a file', { isTTY: false, colours: true }],
])('are plain %s', (_, terminal) => {
  expect(written(terminal)).toBe(`${TABLE}\n`);
  expect(written(terminal, (stream) => printOutcome(true, 'all of it', stream))).toBe('all of it\n');
});
