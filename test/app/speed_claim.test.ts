// What is shared of our speed: what the last benchmark said, and nothing without one.
import { expect, it } from 'vitest';
import { speedClaim } from '../../src/app/results/speed_claim.ts';
import type { BenchCase, BenchReport } from '../../src/bench/report.ts';

const timed = (network: string, peer: string, median?: number, suite = 'step') =>
  ({
    suite,
    network,
    peers: [{ name: peer, ...(median !== undefined && { ratio: { median, low: median, high: median } }) }],
  }) as unknown as BenchCase;
const report = (...cases: BenchCase[]) => ({ cases }) as unknown as BenchReport;

it('tells the ratio of the network that is shown, or else the largest', () => {
  const both = report(timed('784-32-10', 'tfjs-wasm', 31.6), timed('784-128-10', 'tfjs-wasm', 7.25));
  expect(speedClaim(both, '784-128-10')).toBe('One training step of 784-128-10: 7.3× as fast as tfjs-wasm');
  expect(speedClaim(both, '784-10')).toBe('One training step of 784-32-10: 32× as fast as tfjs-wasm');
});

it('tells nothing without a step that was timed beside tfjs-wasm', () => {
  expect(speedClaim(undefined, '784-10')).toBeUndefined();
  const others = report(
    timed('784-10', 'jax-js wasm', 9),
    timed('784-10', 'tfjs-wasm'),
    timed('784-10', 'tfjs-wasm', 9, 'inference'),
  );
  expect(speedClaim(others, '784-10')).toBeUndefined();
});
