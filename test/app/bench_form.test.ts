// What a benchmark's address asks for.
import { expect, it } from 'vitest';
import { checkForm, fromParams, withField } from '../../src/app/benchmark/bench_form.ts';

const check = (query: string) => checkForm(fromParams(new URLSearchParams(query)));

it('has defaults', () => {
  expect(check('')).toEqual({
    job: {
      suites: ['step'],
      backend: 'wasm',
      networks: ['784-128-10'],
      batches: [128],
      peers: ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm'],
      seconds: 5,
    },
  });
  expect(check('backend=webgpu')).toMatchObject({ job: { peers: ['tfjs-webgpu'] } });
});

it('takes lists joined by commas or given several times', () => {
  const query =
    'suite=step,inference&suite=start&batch=32, 512&layers=784-32-10&peers=&go=1&seconds=0.5&threads=3';
  expect(check(query)).toEqual({
    job: {
      suites: ['step', 'inference', 'start'],
      backend: 'wasm',
      networks: ['784-32-10'],
      batches: [32, 512],
      peers: [],
      seconds: 0.5,
      threads: 3,
    },
  });
});

it.each([
  ['suite', 'all', 'suite "all": expected kernels, step'],
  ['suite', '', 'no suite: expected at least one'],
  ['backend', 'cuda', 'backend "cuda": expected wasm, webgpu'],
  ['peers', 'torch', 'peers "torch": expected tfjs-wasm'],
  ['peers', 'onnxruntime-node', 'peers "onnxruntime-node": expected tfjs-wasm'],
  ['layers', '784-128', 'network "784-128": MNIST has 28×28 pixels and 10 classes'],
  ['batch', 'many', 'batch "many": expected a number from 1 to 10000'],
  ['batch', '1.5', 'batch "1.5": expected a whole number'],
  ['seconds', '1e9', 'seconds "1e9": expected a number from 0.01 to 3600'],
  ['threads', 'x', 'threads NaN: expected a whole number'],
])('refuses %s=%s', (field, value, message) => {
  expect(check(`${field}=${value}`)).toEqual({
    problem: { field, message: expect.stringContaining(message) },
  });
});

it('keeps in the address what is not as by default, and what is not of the form', () => {
  const from = (query: string) => new URLSearchParams(query);
  expect(withField(from('beside=a'), 'seconds', '2').toString()).toBe('beside=a&seconds=2');
  expect(withField(from('beside=a&seconds=2'), 'seconds', '5').toString()).toBe('beside=a');
  expect(withField(from('suite=step&suite=epoch'), 'suite', 'epoch').toString()).toBe('suite=epoch');
});

it('brings a backend’s own peers, unless others were chosen', () => {
  const chosen = (query: string) => {
    const params = withField(new URLSearchParams(query), 'backend', 'webgpu');
    return fromParams(params).peers;
  };
  expect(chosen('')).toBe('tfjs-webgpu');
  expect(chosen('peers=tfjs-cpu')).toBe('tfjs-cpu');
  expect(chosen('peers=')).toBe('');
});
