// `--shader NAME=FILE`: own WGSL is held against the oracle and timed as the page does it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BenchReport } from '../../src/bench/report.ts';
import { runCli } from './run_cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-shader-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of shaders/ with something changed. */
function changed(shader: string, from: string, to: string): string {
  const source = readFileSync(`shaders/${shader}.wgsl`, 'utf8');
  expect(source).toContain(from);
  const file = join(folder, `${shader}-${to.length}.wgsl`);
  writeFileSync(file, source.replace(from, to));
  return `${shader}=${file}`;
}

const validate = (...shaders: string[]) =>
  runCli(['validate', '--quick', ...shaders.flatMap((each) => ['--shader', each])]);

describe('validate --shader', () => {
  it('passes the texts that ship, each variant that runs them and nothing else', async () => {
    const { code, stdout } = await validate(
      'dense_forward_8x8=shaders/dense_forward_8x8.wgsl',
      'sgd=shaders/sgd.wgsl',
    );
    expect(stdout).toMatch(/webgpu 128x128, own +dense_forward +1 .* pass/);
    expect(stdout).toMatch(/webgpu 64x64, own +dense_forward +1 .* pass/);
    expect(stdout).toMatch(/webgpu sgd, own +sgd +1 .* pass/);
    expect(stdout).not.toMatch(/wasm|adamw/);
    expect(code).toBe(0);
  });

  it('fails one that is wrong', async () => {
    const { code, stdout } = await validate(changed('sgd', 'p - step.learningRate', 'p + step.learningRate'));
    expect(stdout).toMatch(/webgpu sgd, own +sgd .* FAIL/);
    expect(code).toBe(1);
  });

  it('tells in a line what does not compile, and what does not end', async () => {
    const broken = await validate(changed('sgd', 'p - step.learningRate', 'p - oops'));
    expect(broken.stderr).not.toContain('Error while parsing');
    expect(broken.stderr.trim().split('\n').at(-1)).toMatch(/^shaders\/sgd\.wgsl:\d+: .*oops/);
    expect(broken.code).toBe(2);
    const endless = await validate(changed('confusion', 'c++', 'c *= 1u'));
    expect(endless.stderr.trim().split('\n').at(-1)).toMatch(
      /^line \d+: this loop was ended after 65,000 rounds, or 1,000,000 with the loops around it$/,
    );
    expect(endless.code).toBe(2);
  });
});

describe('bench --shader', () => {
  it('times a text in turns with the one that ships and with tfjs', async () => {
    const json = join(folder, 'bench.json');
    const where = ['--runtime', 'node', '--layers', '784-16-10', '--seconds', '0.2', '--json', json];
    const shader = 'dense_forward_registers=shaders/dense_forward_registers.wgsl';
    const { code, stdout } = await runCli(['bench', ...where, '--shader', shader]);
    expect(code).toBe(0);
    const { cases }: BenchReport = JSON.parse(readFileSync(json, 'utf8'));
    expect(cases.map(({ suite, name }) => [suite, name])).toEqual([
      ['kernels', 'dense_forward 784→16 (registers, own)'],
      ['kernels', 'dense_forward 16→10 (registers, own)'],
    ]);
    for (const { peers, subject } of cases) {
      expect(peers.map(({ name }) => name)).toEqual(['shipped', 'tfjs-webgpu']);
      for (const { ratio, error } of peers) expect(error ?? ratio!.median).toBeGreaterThan(0);
      // The same text, in turns.
      expect(peers[0].ratio!.median).toBeGreaterThan(0.5);
      expect(peers[0].ratio!.median).toBeLessThan(2);
      expect(subject.maxAbsDifference).toBeLessThan(1e-3);
    }
    expect(stdout).toMatch(/kernels +dense_forward 784→16 \(registers, own\).* shipped /);
  });

  it('times nothing that is wrong', async () => {
    const { code, stderr } = await runCli([
      ...[
        'bench',
        '--runtime',
        'node',
        '--layers',
        '784-16-10',
        '--seconds',
        '0.1',
        '--no-peers',
        '--shader',
      ],
      changed('dense_forward_registers', 'sum2 += ', 'sum2 -= '),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/shaders\/dense_forward_registers\.wgsl on 128×784→16, relu: off by \d/);
  });
});
