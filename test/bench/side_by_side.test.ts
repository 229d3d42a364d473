// Results that are read back: every committed one has the right shape, and several stand side by side.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { merge, toCsv } from '../../src/bench/rendering/side_by_side.ts';
import { parseReport } from '../../src/bench/schema.ts';

const FOLDER = 'bench/results';
const files = readdirSync(FOLDER).filter((name) =>
  /^(wasm|all-peers|start|webgpu-(swiftshader|lavapipe))-.*\.json$/.test(name),
);
const report = (name: string) => parseReport(readFileSync(`${FOLDER}/${name}`, 'utf8'), name);

it.each(files)('%s has the shape of a result', (name) => {
  expect(report(name).cases.length).toBeGreaterThan(0);
});

it('puts machines side by side', () => {
  const names = ['wasm-2-cores-chromium.json', 'wasm-2-cores-node.json'];
  const { head, rows } = merge(names.map(report), ['a', 'b']);
  expect(head).toEqual(['suite', 'case', 'batch', 'a ms', 'GFLOP/s', 'b ms', 'GFLOP/s', 'ratio']);
  const row = rows.find(([suite, name]) => suite === 'step' && name === '784-128-10 1 thread')!;
  const [first] = report(names[0]).cases.filter(
    (each) => each.suite === 'step' && each.name === '784-128-10 1 thread',
  );
  expect(Number(row[3])).toBeCloseTo(first.subject.milliseconds.median, 3);
  expect(row.every((cell) => cell !== '')).toBe(true);
  expect(Number.parseFloat(row[7])).toBeCloseTo(Number(row[5]) / Number(row[3]), 2);
});

it('leaves a gap where a machine lacks a case', () => {
  const names = ['wasm-2-cores-chromium.json', 'webgpu-swiftshader-chromium.json'];
  const { rows } = merge(names.map(report), ['a', 'b']);
  expect(rows.some((row) => row[3] === '' && row[5] !== '')).toBe(true);
});

it('holds a case against the first machine that has it', () => {
  const names = ['webgpu-swiftshader-chromium.json', 'wasm-2-cores-chromium.json', 'wasm-2-cores-node.json'];
  const { rows } = merge(names.map(report), ['a', 'b', 'c']);
  const row = rows.find(([suite, name]) => suite === 'step' && name === '784-128-10 1 thread')!;
  expect([row[3], row[7]]).toEqual(['', '']);
  expect(Number.parseFloat(row[10])).toBeCloseTo(Number(row[8]) / Number(row[5]), 1);
});

it('reads the benchmarks of a campaign as one', () => {
  const [first, second] = ['webgpu-swiftshader-chromium.json', 'webgpu-lavapipe-firefox.json'].map(report);
  const steps = { check: { result: { schema: 'mnist-kernels/validate@1' } }, a: { result: first } };
  const campaign = (more: object) =>
    JSON.stringify({ schema: 'mnist-kernels/campaign@1', steps: { ...steps, ...more } });
  const read = parseReport(campaign({ b: { result: second }, failed: { result: null } }), 'x.json');
  expect(read.environment).toEqual(first.environment);
  expect(read.cases).toEqual([...first.cases, ...second.cases]);
  expect(read.notes).toEqual([...first.notes, ...second.notes]);
  const none = campaign({ a: { result: null } });
  expect(() => parseReport(none, 'x.json')).toThrow('x.json: a campaign without a benchmark');
});

it('writes CSV with as many cells in each row', () => {
  const lines = toCsv(report('wasm-2-cores-chromium.json')).trimEnd().split('\r\n');
  // A case's name has a comma in it, which is quoted.
  expect(lines.some((line) => line.includes('"784-128-10 dense, 1 thread"'))).toBe(true);
  const cells = (line: string) => line.replaceAll(/"[^"]*"/g, '').split(',').length;
  for (const line of lines) expect(cells(line)).toBe(cells(lines[0]));
});

it.each([
  ['{', 'x.json: not JSON, expected a result of `bench --json`'],
  ['{"schema":"other"}', /^x\.json: not a result of `bench --json`: schema: /],
])('refuses %s', (text, message) => {
  expect(() => parseReport(text, 'x.json')).toThrow(message);
});
