// README.md and BENCHMARKS.md say what bench/results/ holds.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DOCUMENT_FILES, renderDocument } from '../../src/bench/rendering/documents.ts';
import { TABLES } from '../../src/bench/rendering/tables.ts';
import type { BenchReport } from '../../src/bench/report.ts';

describe.each(DOCUMENT_FILES)('%s', (file) => {
  const text = readFileSync(file, 'utf8');

  it('has the tables that the results make; if not, run `npm run readme`', () => {
    expect(renderDocument(file, text)).toBe(text);
  });

  it('notices a figure that was changed by hand', () => {
    const changed = text.replace(/(<!-- table: \w+ -->[\s\S]*?)\d+(\.\d+)?×/, '$1999×');
    expect(changed).not.toBe(text);
    expect(renderDocument(file, changed)).toBe(text);
  });
});

it('README is short enough to be read', () => {
  const lines = readFileSync('README.md', 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(150);
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
