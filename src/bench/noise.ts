// How far the times of the same work are apart, and what that says of the machine.
import type { Spread } from './turns.ts';

/** The slowest of the usual times over the fastest, less 1: 0.18 where times vary by 18 %. */
export const variation = ({ p5, p95 }: Spread) => p95 / p5 - 1;

/** Below this nothing else of note was at work. */
export const QUIET = 0.1;

/** Above this the machine was busy with something else. */
export const NOISY = 0.3;
