// How many multiply-adds one core can do in this engine's fastest build: what kernels are measured against.
import { compileBuild } from './builds.ts';
import { instantiate } from './execute.ts';

/** ROUND_OPERATIONS in assembly/roofline.ts. */
const ROUND_OPERATIONS = 12 * 8;
const ROUNDS = 4_000_000;
const RUNS = 8;

/** @returns GFLOP/s of one thread, the best of several runs */
export async function measureRoofline(): Promise<number> {
  const module = (await compileBuild('relaxed')) ?? (await compileBuild('simd'));
  if (!module) throw new Error('no WASM build with SIMD runs here');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { roofline } = await instantiate(module, memory);
  roofline(ROUNDS / 4);
  let best = 0;
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now();
    roofline(ROUNDS);
    best = Math.max(best, (ROUNDS * ROUND_OPERATIONS) / (performance.now() - begin) / 1e6);
  }
  return best;
}
