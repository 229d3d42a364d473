// The benchmark: its statistics, and a short run of the real thing.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runBench } from '../../src/bench/bench.ts';
import { entrant } from '../../src/bench/contestant.ts';
import { PEER_NAMES } from '../../src/bench/options.ts';
import { tablesOf } from '../../src/bench/rendering/report_tables.ts';
import { parseReport } from '../../src/bench/schema.ts';
import { compete, latency, ratioOf, spreadOf, throughput } from '../../src/bench/turns.ts';
import { inferenceOperations, makeWork, stepOperations } from '../../src/bench/work.ts';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { nodeHost } from '../../src/hosts/node.ts';

const mnist = await loadMnistNode();
const dataset = { ...mnist, train: slice(mnist.train, 0, 6000), test: slice(mnist.test, 0, 500) };

describe('a contest', () => {
  /** Milliseconds: no other program takes part of these turns. */
  let now = 0;
  beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => now));
  afterEach(() => vi.restoreAllMocks());

  it('gives each contestant its turn in every round', async () => {
    const turns: string[] = [];
    const contestant = (name: string) => ({
      name,
      version: '',
      threads: 1,
      run: async () => {
        turns.push(name);
        now += 70;
      },
      answer: async () => new Float32Array(),
      dispose: () => {},
    });
    const [{ samples, count }, other] = await compete(
      ['a', 'b'].map((name) => entrant(contestant(name))),
      0,
      throughput(0.1),
    );
    expect(count).toBe(1);
    expect(samples.every((round) => round.length === 1)).toBe(true);
    expect(other.samples).toHaveLength(samples.length);
    const rounds = turns.slice(-2 * samples.length).join('');
    expect(rounds).toBe('ab'.repeat(samples.length));
  });

  it('begins each turn and the answer where the work begins', async () => {
    const calls: string[] = [];
    const note = (call: string) => async () => void calls.push(call);
    const each = entrant({
      name: 'a',
      version: '',
      threads: 1,
      begin: note('begin'),
      run: note('run'),
      answer: async () => Float32Array.of(calls.push('answer')),
      dispose: () => {},
    });
    await each.time(1, 2);
    await each.time(1, 1);
    await each.answer();
    // It is opened where the work begins.
    expect(calls).toEqual(['run', 'run', 'begin', 'run', 'begin', 'answer']);
  });

  it('times single calls, or as few as the clock can tell', async () => {
    const clock = 0.1;
    const call = {
      name: 'c',
      version: '',
      threads: 1,
      answer: async () => new Float32Array(),
      dispose: () => {},
    };
    const waiting = (milliseconds: number) =>
      entrant({
        ...call,
        run: async (count: number) => {
          now += count * milliseconds;
        },
      });
    const [slow, fast] = await compete([waiting(3), waiting(0.05)], 0, latency(clock));
    expect(slow.count).toBe(1);
    expect(fast.count).toBeGreaterThanOrEqual(30);
    expect(fast.samples[0].length).toBeGreaterThan(10);
    expect(spreadOf(slow.samples.flat(), true).p99).toBeGreaterThanOrEqual(2.9);
  });

  it('reports medians, spread and paired ratios', () => {
    const subject = [1, 2, 1, 4, 1];
    const peer = [3, 6, 3, 12, 3];
    // 1, 1, 1, 2, 4: the 95 % point lies four fifths of the way from 2 to 4.
    expect(spreadOf(subject)).toEqual({ median: 1, p5: 1, p95: expect.closeTo(3.6, 10) });
    const rounds = (times: number[]) => times.map((time) => [time]);
    expect(ratioOf(rounds(peer), rounds(subject))).toEqual({ median: 3, low: 3, high: 3 });
  });
});

it('counts operations as the table of conventions says', () => {
  const work = makeWork('784-128-10', 128, dataset);
  expect(stepOperations(work)).toBe(6 * 128 * (784 * 128 + 128 * 10) - 2 * 128 * 784 * 128);
  expect(inferenceOperations(work, 500)).toBe(2 * 500 * (784 * 128 + 128 * 10));
});

const short = { backend: 'wasm', networks: ['784-16-10'], batches: [64], seconds: 0.2 } as const;

it('times the engines and the peers on the same work, and checks what they answer', {
  timeout: 180_000,
}, async () => {
  const report = await runBench(
    { ...short, threads: 1, suites: ['step', 'inference'], peers: PEER_NAMES },
    dataset,
    nodeHost(),
  );
  expect(report.schema).toBe('mnist-kernels/bench@1');
  expect(report.roofline.gflops).toBeGreaterThan(1);
  expect(parseReport(JSON.stringify(report), 'the report').cases).toHaveLength(report.cases.length);
  const caseOf = (suite: string, name: string) =>
    report.cases.find((each) => each.suite === suite && each.name === `784-16-10 ${name}`)!;
  const inferring = ['tfjs-wasm', 'tfjs-webgpu', 'tfjs-cpu', 'onnxruntime-web wasm', 'plain TypeScript'];
  for (const [found, names] of [
    [caseOf('step', '1 thread'), ['tfjs-wasm', 'tfjs-webgpu', 'tfjs-cpu', 'jax-js wasm', 'plain TypeScript']],
    [caseOf('inference', '1 thread'), inferring],
    [caseOf('inference', 'one image, 1 thread'), inferring],
  ] as const) {
    expect(found.subject.maxAbsDifference).toBeLessThan(2e-5);
    for (const name of names) {
      const peer = found.peers.find((each) => each.name === name);
      expect(peer?.error, name).toBeUndefined();
      expect(peer).toMatchObject({ name, ratio: { median: expect.any(Number) } });
      expect(peer!.maxAbsDifference).toBeLessThan(1e-4);
    }
  }
  const { p5, median, p95, p99 } = caseOf('inference', 'one image, 1 thread').subject.milliseconds;
  expect(p5 <= median && median <= p95 && p95 <= p99!).toBe(true);
  const threaded = caseOf('step', '1 thread').peers.find(({ name }) => name === 'tfjs-wasm threads');
  expect(threaded).toEqual({ name: 'tfjs-wasm threads', error: 'tfjs has threads in browsers only' });
});

it('times each kernel of a step on distorted images', async () => {
  const { cases } = await runBench({ ...short, suites: ['kernels'], peers: [] }, dataset, nodeHost());
  const names = cases.map(({ name }) => name.replace(/ .*/, ''));
  expect(names.slice(0, 3)).toEqual(['distort', 'gather_batch_active', 'dense_forward_active']);
  for (const { subject } of cases) expect(subject.milliseconds.median).toBeGreaterThan(0);
});

it('tells how fast each epoch of a training is', async () => {
  const report = await runBench({ ...short, suites: ['epoch'], peers: [] }, dataset, nodeHost());
  const { cases } = parseReport(JSON.stringify(report), 'the report');
  expect(cases.length).toBeGreaterThan(1);
  for (const { epochs } of cases) {
    const { imagesPerSecond, lastToFirst } = epochs!;
    expect(imagesPerSecond).toHaveLength(10);
    expect(Math.min(...imagesPerSecond)).toBeGreaterThan(1000);
    expect(lastToFirst).toBeCloseTo(imagesPerSecond[9] / imagesPerSecond[0], 10);
  }
  const table = tablesOf(report).find(({ title }) => title === 'Epochs of a training')!;
  expect(table.rows.map(([name]) => name)).toEqual(cases.map(({ name }) => name));
  expect(table.rows[0].slice(2)).toEqual([
    expect.stringMatching(/^([\d.]+ ){9}[\d.]+$/),
    `${cases[0].epochs!.lastToFirst.toFixed(2)}×`,
  ]);
});

it('refuses a suite that needs a browser', async () => {
  const job = { ...short, suites: ['start'], peers: [] } as const;
  await expect(runBench(job, dataset, nodeHost())).rejects.toThrow(
    'the suite start is for browsers: choose one with --runtime',
  );
});
