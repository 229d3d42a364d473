// Reports as bars: who stands beside whom, against which roofline.
import { expect, it } from 'vitest';
import { type BarChart, barChartsOf } from '../../src/bench/rendering/bar_charts.ts';
import type { BenchCase, BenchReport, PeerEntry } from '../../src/bench/report.ts';

const spread = (median: number) => ({ median, p5: median, p95: median });

const peer = (name: string, gflops: number, milliseconds = 1): PeerEntry => ({
  name,
  threads: 1,
  gflops,
  milliseconds: spread(milliseconds),
});

function caseOf(
  suite: BenchCase['suite'],
  name: string,
  gflops: number,
  threads: number,
  peers: PeerEntry[],
): BenchCase {
  const network = '784-16-10';
  const milliseconds = spread(100 / gflops);
  const rooflineFraction = gflops / (50 * threads);
  const subject = { backend: 'wasm', threads, gflops, milliseconds, rooflineFraction };
  return { suite, name, network, batch: 64, subject, peers };
}

const charts = (...cases: BenchCase[]): BarChart[] => barChartsOf({ cases } as unknown as BenchReport);

it('puts everybody once, the fastest first, under names that need no explanation', () => {
  const peers = [
    peer('slow', 2),
    { ...peer('quick threads', 50), threads: 2, version: '4.22.0, core ops' },
    { name: 'absent', error: 'no' },
  ];
  const [chart, ...others] = charts(
    caseOf('step', '784-16-10 dense, 1 thread', 40, 1, [peer('2 threads', 70), ...peers]),
    caseOf('step', '784-16-10 2 threads', 70, 2, [peer('dense, 1 thread', 40), ...peers]),
  );
  expect(others).toEqual([]);
  expect(chart).toEqual({
    title: 'One training step: 784-16-10, batch 64',
    unit: 'GFLOP/s',
    bars: [
      { name: 'mnist-kernels, 2 threads', own: true, value: 70, roofline: expect.closeTo(100) },
      { name: 'quick 4.22, 2 threads', own: false, value: 50, roofline: expect.closeTo(100) },
      {
        name: 'mnist-kernels, 1 thread, computing zeros too',
        own: true,
        value: 40,
        roofline: expect.closeTo(50),
      },
      { name: 'slow, 1 thread', own: false, value: 2, roofline: expect.closeTo(50) },
    ],
  });
});

it('shows times, without a roofline, of what is not throughput', () => {
  const single = caseOf('inference', '784-16-10 one image, 1 thread', 1, 1, [
    peer('b', 1, 7),
    peer('a', 1, 3),
  ]);
  const calls = { ...single, batch: 1, subject: { ...single.subject, callsPerSample: 2 } };
  const [chart] = charts(calls);
  expect(chart).toMatchObject({ title: 'Recognising one image: 784-16-10', unit: 'ms' });
  expect(chart.bars.map(({ name, value, roofline }) => [name, value, roofline])).toEqual([
    ['a, 1 thread', 3, undefined],
    ['b, 1 thread', 7, undefined],
    ['mnist-kernels, 1 thread', 100, undefined],
  ]);
});

it('has a chart for each piece of work', () => {
  const found = charts(
    caseOf('kernels', 'sgd (simd)', 4, 1, []),
    caseOf('kernels', 'dense_forward 784→16 (simd)', 40, 1, []),
    caseOf('inference', '784-16-10 1 thread', 40, 1, []),
    caseOf('start', '784-16-10 wasm', 1, 1, []),
    caseOf('time-to-accuracy', '784-16-10 to 97.6 %, 1 thread', 40, 1, []),
    caseOf('time-to-accuracy', '784-16-10 to 98.0 %, 1 thread', 40, 1, []),
  );
  expect(found.map(({ title, unit, bars }) => [title, unit, bars.length])).toEqual([
    ['Each kernel of a training step: 784-16-10, batch 64', 'GFLOP/s', 2],
    ['Recognising all test images: 784-16-10', 'GFLOP/s', 1],
    ['From nothing to the first training step: 784-16-10, batch 64', 'ms', 1],
    ['Training to 97.6 % accuracy: 784-16-10, batch 64', 'ms', 1],
    ['Training to 98.0 % accuracy: 784-16-10, batch 64', 'ms', 1],
  ]);
  // In the order of a step.
  expect(found[0].bars.map(({ name }) => name)).toEqual(['sgd (simd)', 'dense_forward 784→16 (simd)']);
});

it('shows what is held, not how long it took, of the suite memory', () => {
  const starting = (memory: number) => ({ script: 1, open: 1, step: 1, memory });
  const held = caseOf('memory', '784-16-10 wasm', 1, 1, [{ ...peer('large', 1), start: starting(9e6) }]);
  const [chart] = charts({ ...held, subject: { ...held.subject, start: starting(3e6) } });
  expect(chart).toMatchObject({
    title: 'Memory after the first training step: 784-16-10, batch 64',
    unit: 'MB',
  });
  expect(chart.bars.map(({ name, value }) => [name, value])).toEqual([
    ['mnist-kernels, WebAssembly', 3],
    ['large, 1 thread', 9],
  ]);
});
