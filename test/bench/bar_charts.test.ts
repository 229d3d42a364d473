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

it('puts our variants first, then each peer once, the fastest first', () => {
  const peers = [peer('slow', 2), peer('quick', 9), { name: 'absent', error: 'no' }];
  const [chart, ...others] = charts(
    caseOf('step', '784-16-10 1 thread', 40, 1, [peer('2 threads', 70), ...peers]),
    caseOf('step', '784-16-10 2 threads', 70, 2, [peer('1 thread', 40), ...peers]),
  );
  expect(others).toEqual([]);
  expect(chart).toEqual({
    title: 'step 784-16-10, batch 64',
    unit: 'GFLOP/s',
    bars: [
      { name: '1 thread', own: true, value: 40, roofline: expect.closeTo(50) },
      { name: '2 threads', own: true, value: 70, roofline: expect.closeTo(100) },
      { name: 'quick', own: false, value: 9, roofline: expect.closeTo(50) },
      { name: 'slow', own: false, value: 2, roofline: expect.closeTo(50) },
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
  expect(chart).toMatchObject({ title: 'inference 784-16-10, one image', unit: 'ms' });
  expect(chart.bars.map(({ name, value, roofline }) => [name, value, roofline])).toEqual([
    ['1 thread', 100, undefined],
    ['a', 3, undefined],
    ['b', 7, undefined],
  ]);
});

it('has a chart for each piece of work', () => {
  const found = charts(
    caseOf('kernels', 'dense_forward 784→16 (simd)', 40, 1, []),
    caseOf('kernels', 'sgd (simd)', 4, 1, []),
    caseOf('inference', '784-16-10 1 thread', 40, 1, []),
    caseOf('start', '784-16-10 wasm', 1, 1, []),
    caseOf('time-to-accuracy', '784-16-10 to 97.6 %, 1 thread', 40, 1, []),
    caseOf('time-to-accuracy', '784-16-10 to 98.0 %, 1 thread', 40, 1, []),
  );
  expect(found.map(({ title, unit, bars }) => [title, unit, bars.length])).toEqual([
    ['kernels 784-16-10, batch 64', 'GFLOP/s', 2],
    ['inference 784-16-10, all test images', 'GFLOP/s', 1],
    ['start 784-16-10, batch 64', 'ms', 1],
    ['time-to-accuracy 784-16-10 to 97.6 %', 'ms', 1],
    ['time-to-accuracy 784-16-10 to 98.0 %', 'ms', 1],
  ]);
});
