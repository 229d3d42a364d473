// Loops of a text that somebody is writing: each ends, wherever it stands, and lines keep their numbers.
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { openWebgpu } from '../../src/engine/webgpu/engine.ts';
import { guardLoops, MAX_ROUNDS } from '../../src/engine/webgpu/guard.ts';
import { WGSL_SOURCES } from '../../src/engine/webgpu/shader_sources.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { checkKernel } from '../../src/validation/check_kernel.ts';

const [CASE] = casesOf('sgd');
let engine: Engine | undefined;
afterEach(() => engine?.dispose());

/** sgd.wgsl with something before its own work. */
async function checked(before: string, more = '') {
  const at = 'fn main(@builtin(global_invocation_id)';
  const { sgd } = WGSL_SOURCES;
  expect(sgd).toContain(at);
  const open = sgd.indexOf('{', sgd.indexOf(at)) + 1;
  const text = `${sgd.slice(0, open)} ${before}${sgd.slice(open)}\n${more}`;
  engine = await openWebgpu(nodeHost(), { shaders: { sgd: text }, guarded: true });
  return { line: text.slice(0, open).split('\n').length, run: checkKernel(engine, '', CASE) };
}

describe('a loop', () => {
  it.each([
    ['for', 'for (var i = 0u; i < 10u; i += step.slot - step.slot) { if (i > 99u) { return; } }'],
    ['while', 'var i = 0u; while (i < 10u + step.rows) { i *= 2; }'],
    ['loop', 'var i = 1u; loop { if (i == 0u) { break; } continuing { i |= 1; } }'],
    ['within a loop', 'for (var i = 0u; i < 3u; i++) { for (var j = 0u; j < 9u; j *= 1) { } }'],
    ['after a comment', '/* for (;;) { /* nested */ } */ var i = 0u; while (i < 1u + step.rows) { i *= 2; }'],
  ])('without an end ends: %s', async (_, loop) => {
    const { line, run } = await checked(loop);
    await expect(run).rejects.toThrow(
      `line ${line}: this loop was ended after ${MAX_ROUNDS.toLocaleString('en')} rounds`,
    );
  });

  it('in another function is found by its own line', async () => {
    const { line, run } = await checked(
      'if (spin() == 7u) { return; }',
      'fn spin() -> u32 {\n  var i = 0u;\n  while (i < 1u + step.rows) {\n    i *= 2;\n  }\n  return i;\n}',
    );
    const last = WGSL_SOURCES.sgd.split('\n').length;
    expect(line).toBeLessThan(last);
    await expect(run).rejects.toThrow(`line ${last + 3}: `);
  });

  it('that calls a loop does not multiply its rounds', async () => {
    const rounds = MAX_ROUNDS - 5000;
    const { run } = await checked(
      `for (var i = 0u; i < ${rounds}u; i++) { if (spin(i) == 7u) { return; } }`,
      `fn spin(start: u32) -> u32 { var v = start; for (var i = 0u; i < ${rounds}u; i++) { v = v * 5u + 1u; } return v; }`,
    );
    const begin = performance.now();
    await expect(run).rejects.toThrow(/^line \d+: this loop was ended/);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it('with an end is left alone', async () => {
    const { run } = await checked('var i = 0u; while (i < 1000u) { i++; }');
    expect((await run).pass).toBe(true);
  });
});

describe('a guarded text', () => {
  it.each(Object.keys(WGSL_SOURCES))('%s keeps its lines, and everything but its loops', (shader) => {
    const source = WGSL_SOURCES[shader];
    const guarded = guardLoops(source, 7);
    const loops = [...source.replace(/\/\/.*/g, '').matchAll(/\b(for|while|loop)\b/g)].length;
    expect(guarded.match(/>= 7u/g)?.length ?? 0).toBe(loops);
    if (loops === 0) expect(guarded).toBe(source);
    const lines = guarded.split('\n');
    for (const [index, line] of source.split('\n').entries())
      expect(lines[index].startsWith(line.split('{')[0])).toBe(true);
  });

  it('may be anything', () => {
    for (const text of [
      '',
      'fn',
      'fn f(',
      'fn f() { for',
      'fn f() { loop { ',
      '/* fn f() { loop {} }',
      '}{',
      'for',
    ])
      expect(() => guardLoops(text)).not.toThrow();
  });
});
