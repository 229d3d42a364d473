// The benchmark: its statistics, and a short run of the real thing.
import { describe, expect, it } from 'vitest';
import { runBench } from '../../bench/bench.ts';
import { compete, ratioOf, spreadOf } from '../../bench/contest.ts';
import { PEER_NAMES } from '../../bench/peers/peers.ts';
import { inferenceOperations, makeWork, trainingOperations } from '../../bench/work.ts';
import { nodeHost } from '../../src/cli/host_node.ts';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';

const mnist = await loadMnistNode();
const dataset = { ...mnist, test: slice(mnist.test, 0, 500) };

describe('a contest', () => {
  it('gives each contestant its turn in every round', async () => {
    const turns: string[] = [];
    const contestant = (name: string) => ({
      name,
      version: '',
      threads: 1,
      run: async () => {
        turns.push(name);
        await new Promise((resolve) => setTimeout(resolve, 70));
      },
      answer: async () => new Float32Array(),
      dispose: () => {},
    });
    const samples = await compete([contestant('a'), contestant('b')], 0);
    expect(samples[0]).toHaveLength(samples[1].length);
    const rounds = turns.slice(-2 * samples[0].length).join('');
    expect(rounds).toBe('ab'.repeat(samples[0].length));
  });

  it('reports medians, spread and paired ratios', () => {
    const subject = [1, 2, 1, 4, 1];
    const peer = [3, 6, 3, 12, 3];
    // 1, 1, 1, 2, 4: the 95 % point lies four fifths of the way from 2 to 4.
    expect(spreadOf(subject)).toEqual({ median: 1, p5: 1, p95: expect.closeTo(3.6, 10) });
    expect(ratioOf(peer, subject)).toEqual({ median: 3, low: 3, high: 3 });
  });
});

it('counts operations as the table of conventions says', () => {
  const work = makeWork('784-128-10', 128, dataset);
  expect(trainingOperations(work)).toBe(6 * 128 * (784 * 128 + 128 * 10) - 2 * 128 * 784 * 128);
  expect(inferenceOperations(work, 500)).toBe(2 * 500 * (784 * 128 + 128 * 10));
});

it('times the engines and the peers on the same work, and checks what they answer', async () => {
  const job = {
    backend: 'wasm',
    suites: ['step', 'inference'],
    networks: ['784-16-10'],
    batches: [64],
    seconds: 0.2,
    peers: PEER_NAMES,
  } as const;
  const report = await runBench(job, dataset, nodeHost());
  expect(report.schema).toBe('mnist-kernels/bench@1');
  expect(report.roofline.gflops).toBeGreaterThan(1);
  const [step, inference] = ['step', 'inference'].map((suite) =>
    report.cases.find((each) => each.suite === suite && each.name === '784-16-10 1 thread'),
  );
  expect(step!.subject.maxAbsDifference).toBeLessThan(1e-5);
  for (const [found, names] of [
    [step, ['tfjs-wasm', 'tfjs-webgpu', 'tfjs-cpu', 'jax-js wasm', 'plain TypeScript']],
    [inference, ['tfjs-wasm', 'tfjs-webgpu', 'tfjs-cpu', 'onnxruntime-web wasm', 'plain TypeScript']],
  ] as const) {
    for (const name of names) {
      const peer = found!.peers.find((each) => each.name === name);
      expect(peer).toMatchObject({ name, ratio: { median: expect.any(Number) } });
      expect(peer!.maxAbsDifference).toBeLessThan(1e-4);
    }
  }
});
