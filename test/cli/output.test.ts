// Verdicts in colour: only where a terminal has colours and is to show them.
import { expect, it } from 'vitest';
import { printVerdicts, table, verdict } from '../../src/cli/output.ts';

const TABLE = table(
  ['kernel', ''],
  [
    ['passes', verdict(true)],
    ['FAIL in its name', verdict(false)],
  ],
);

/** What is written to a standard output of some kind. */
function written(terminal: { isTTY: boolean; colours: boolean }): string {
  let text = '';
  printVerdicts(TABLE, {
    isTTY: terminal.isTTY,
    hasColors: () => terminal.colours,
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
});

it.each([
  ['on a terminal without colours, or with NO_COLOR', { isTTY: true, colours: false }],
  ['in a file', { isTTY: false, colours: true }],
])('are plain %s', (_, terminal) => {
  expect(written(terminal)).toBe(`${TABLE}\n`);
});
