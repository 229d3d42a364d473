// docs/CLI.md names the options that the command line has.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REFERENCE, renderReference } from '../../src/cli/reference.ts';

const text = readFileSync(REFERENCE, 'utf8');

it('has the options that the commands have; if not, run `npm run readme`', () => {
  expect(renderReference(text)).toBe(text);
});

it('notices an option that is missing, and a command', () => {
  const without = text.replace(/\| `--recipe <name>`.*\n/, '');
  expect(without).not.toBe(text);
  expect(renderReference(without)).toBe(text);
  expect(() => renderReference(text.replace('<!-- options: train -->', ''))).toThrow(
    'docs/CLI.md has no options of "train"',
  );
});
