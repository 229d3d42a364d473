// BENCHMARKS.md's table of goals: what this project set out to reach, and what was measured of it.

import type { BenchCase } from '../report.ts';
import { peerOf, type Results } from './results.ts';
import { markdown } from './text.ts';

interface Goal {
  readonly what: string;
  readonly goal: number;
  readonly unit: '×' | '%';
  readonly measured: (results: Results) => number | undefined;
}

const CHROMIUM = 'wasm-2-cores-chromium';

function caseOf(results: Results, file: string, suite: string, name: string): BenchCase | undefined {
  return results[file]?.cases.find((each) => each.suite === suite && each.name === name);
}

/** The median ratio of a peer in a case. */
const ratio = (file: string, suite: string, name: string, peer: string) => (results: Results) => {
  const found = caseOf(results, file, suite, name);
  return found && peerOf(found, peer)?.ratio?.median;
};

/** The share of the roofline. */
const share = (file: string, name: string) => (results: Results) => {
  const found = caseOf(results, file, 'step', name);
  return found && 100 * found.subject.rooflineFraction;
};

/** The slowest last epoch, against the first, of all cases that report their epochs. */
const lastToFirst = (file: string) => (results: Results) => {
  const found = (results[file]?.cases ?? []).flatMap(({ epochs }) => epochs?.lastToFirst ?? []);
  return found.length > 0 ? Math.min(...found) : undefined;
};

/** What this project set out to reach, in one run each. */
const GOALS: readonly Goal[] = [
  {
    what: '784-128-10 dense, 1 thread, of the roofline',
    goal: 70,
    unit: '%',
    measured: share(CHROMIUM, '784-128-10 dense, 1 thread'),
  },
  {
    what: '784-512-512-10 dense, 1 thread, of the roofline',
    goal: 80,
    unit: '%',
    measured: share(CHROMIUM, '784-512-512-10 dense, 1 thread'),
  },
  {
    what: '784-128-10, skipping zeros, against dense',
    goal: 1.8,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 1 thread', 'dense, 1 thread'),
  },
  {
    what: '784-128-10, dense, 2 threads against 1',
    goal: 1.6,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 dense, 2 threads', 'dense, 1 thread'),
  },
  {
    what: '784-512-512-10, dense, 2 threads against 1',
    goal: 1.85,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-512-512-10 dense, 2 threads', 'dense, 1 thread'),
  },
  {
    what: 'training step 784-128-10, 1 thread, against tfjs-wasm',
    goal: 25,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 1 thread', 'tfjs-wasm'),
  },
  {
    what: 'the same, dense',
    goal: 11,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 dense, 1 thread', 'tfjs-wasm'),
  },
  {
    what: 'the last of ten epochs against the first, the slowest of our variants',
    goal: 0.95,
    unit: '×',
    measured: lastToFirst('wasm-epoch-chromium'),
  },
  {
    what: 'WebKit as it comes: 784-128-10, 1 thread, of the roofline',
    goal: 70,
    unit: '%',
    measured: share('wasm-2-cores-webkit-as-it-comes', '784-128-10 1 thread'),
  },
  {
    what: 'the same, dense',
    goal: 70,
    unit: '%',
    measured: share('wasm-2-cores-webkit-as-it-comes', '784-128-10 dense, 1 thread'),
  },
  {
    what: 'training step 784-128-10, all cores, against jax-js',
    goal: 10,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 2 threads', 'jax-js wasm'),
  },
  {
    what: 'training step 784-512-512-10, all cores, against jax-js',
    goal: 2.5,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-512-512-10 2 threads', 'jax-js wasm'),
  },
  {
    what: '10,000 images, 784-128-10, 1 thread, against tfjs-wasm',
    goal: 3,
    unit: '×',
    measured: ratio(CHROMIUM, 'inference', '784-128-10 1 thread', 'tfjs-wasm'),
  },
  {
    what: '10,000 images, 784-128-10, 1 thread, against onnxruntime-web',
    goal: 1.5,
    unit: '×',
    measured: ratio(CHROMIUM, 'inference', '784-128-10 1 thread', 'onnxruntime-web wasm'),
  },
  {
    what: 'WebGPU, SwiftShader: training step 784-128-10 against tfjs-webgpu',
    goal: 8,
    unit: '×',
    measured: ratio('webgpu-swiftshader-chromium', 'step', '784-128-10 webgpu', 'tfjs-webgpu'),
  },
  {
    what: 'WebGPU, SwiftShader: 10,000 images against tfjs-webgpu',
    goal: 6,
    unit: '×',
    measured: ratio('webgpu-swiftshader-chromium', 'inference', '784-128-10 webgpu', 'tfjs-webgpu'),
  },
  {
    what: 'WebGPU, lavapipe: training step 784-128-10 against tfjs-webgpu',
    goal: 1,
    unit: '×',
    measured: ratio('webgpu-lavapipe-firefox', 'step', '784-128-10 webgpu', 'tfjs-webgpu'),
  },
  {
    what: 'WebGPU, lavapipe: 10,000 images against tfjs-webgpu',
    goal: 1,
    unit: '×',
    measured: ratio('webgpu-lavapipe-firefox', 'inference', '784-128-10 webgpu', 'tfjs-webgpu'),
  },
];

/** Each goal with what the results say of it; undefined where they say nothing. */
export function judgedGoals(results: Results) {
  return GOALS.map((each) => {
    const value = each.measured(results);
    return { ...each, value, met: value === undefined ? undefined : value >= each.goal };
  });
}

export function goalTable(results: Results): string {
  const text = (value: number, unit: string) =>
    unit === '%' ? `${value.toFixed(0)} %` : `${value.toFixed(value < 10 ? 2 : 1)}×`;
  const rows = judgedGoals(results).map(({ what, goal, unit, value, met }) =>
    value === undefined
      ? [what, text(goal, unit), 'not measured', '']
      : [what, text(goal, unit), text(value, unit), met ? 'met' : '**missed**'],
  );
  return markdown(['goal', 'at least', 'measured', ''], 1, rows);
}
