// What a benchmark's address asks for.
import { expect, it } from 'vitest';
import { readBenchForm, toBenchJob } from '../../src/app/benchmark/bench_form.ts';

const read = (query: string) => readBenchForm(new URLSearchParams(query));

it('has defaults', () => {
  expect(read('')).toEqual({
    suites: ['step'],
    backend: 'wasm',
    networks: ['784-128-10'],
    batches: [128],
    peers: ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm'],
    seconds: 5,
    go: false,
  });
  expect(read('backend=webgpu').peers).toEqual(['tfjs-webgpu']);
});

it('takes lists joined by commas or given several times', () => {
  const form = read(
    'suite=step,inference&suite=start&batch=32, 512&layers=784-32-10&peers=&go=1&seconds=0.5',
  );
  expect(form).toMatchObject({ suites: ['step', 'inference', 'start'], batches: [32, 512], peers: [] });
  expect(form).toMatchObject({ networks: ['784-32-10'], seconds: 0.5, go: true });
  expect(toBenchJob(form)).toEqual({
    kind: 'bench',
    suites: ['step', 'inference', 'start'],
    backend: 'wasm',
    networks: ['784-32-10'],
    batches: [32, 512],
    peers: [],
    seconds: 0.5,
  });
});

it.each([
  ['suite=all', 'suite "all": expected kernels, step'],
  ['backend=cuda', 'backend "cuda": expected wasm, webgpu'],
  ['peers=torch', 'peers "torch": expected tfjs-wasm'],
  ['batch=many', 'batch "many": expected a number from 1 to 10000'],
  ['seconds=1e9', 'seconds "1e9": expected a number from 0.1 to 600'],
])('refuses %s', (query, message) => {
  expect(() => read(query)).toThrow(message);
});
