// README says what bench/results/ holds.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderReadme } from '../../bench/readme.ts';

it('has the tables that the results make; if not, run `npm run readme`', () => {
  const readme = readFileSync('README.md', 'utf8');
  expect(renderReadme(readme)).toBe(readme);
});

it('notices a figure that was changed by hand', () => {
  const readme = readFileSync('README.md', 'utf8');
  const changed = readme.replace(/(<!-- table: wasm -->[\s\S]*?)\d+(\.\d+)?×/, '$1999×');
  expect(changed).not.toBe(readme);
  expect(renderReadme(changed)).toBe(readme);
});
