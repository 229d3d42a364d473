// The help of every command ends with examples, and these are commands that the program takes.
import { describe, expect, it } from 'vitest';
import { version } from '../../package.json';
import { commandLine } from '../../src/cli/command_line.ts';
import { runWell } from './run_cli.ts';

const COMMANDS = commandLine().commands.map((command) => command.name());

/** The commands of a help's examples, without the program's name. */
function examplesIn(help: string): string[] {
  const [, listed = ''] = help.split('\nExamples:\n');
  return listed
    .trimEnd()
    .split('\n')
    .map((line) => /^ {2}npx mnist-kernels (.+)$/.exec(line)![1]);
}

/** What would have been done with which options. */
async function parse(words: readonly string[]): Promise<string> {
  const program = commandLine();
  let done = '';
  for (const command of program.commands) {
    command.action(() => {
      done = command.name();
    });
  }
  await program.parseAsync(words, { from: 'user' });
  return done;
}

describe.each(COMMANDS)('the help of %s', (name) => {
  it('ends with two examples that are taken', async () => {
    const { stdout } = await runWell(name, '--help');
    const examples = examplesIn(stdout);
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      expect(example).not.toMatch(/["'\\]/); // a space alone divides its words
      expect(await parse(example.split(' '))).toBe(name);
    }
  });
});

it('an example with an option that is not there would be noticed', async () => {
  await expect(parse(['train', '--ot', 'model'])).rejects.toThrow(/unknown option '--ot'/);
});

it.each(['--version', '-V'])('%s tells the version', async (option) => {
  expect((await runWell(option)).stdout).toBe(`${version}\n`);
});
