// README says what bench/results/ holds.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderReadme } from '../../src/bench/rendering/readme.ts';
import { TABLES } from '../../src/bench/rendering/readme_tables.ts';
import type { BenchReport } from '../../src/bench/report.ts';

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

it('holds the case that slows down most against the goal, and copes with results that do not tell', () => {
  const results = (...ratios: (number | undefined)[]) => {
    const cases = ratios.map((lastToFirst) => ({
      ...(lastToFirst && { epochs: { imagesPerSecond: [1, lastToFirst], lastToFirst } }),
    }));
    return { 'wasm-epoch-chromium': { cases } as unknown as BenchReport };
  };
  const row = (...ratios: (number | undefined)[]) =>
    TABLES.goals(results(...ratios))
      .split('\n')
      .find((line) => line.includes('ten epochs'));
  expect(row(1.02, 0.96, undefined)).toMatch(/\| 0\.95× \| 0\.96× \| met \|$/);
  expect(row(1.02, 0.9)).toMatch(/\| 0\.90× \| \*\*missed\*\* \|$/);
  expect(row(undefined)).toMatch(/\| not measured \| {2}\|$/);
});
