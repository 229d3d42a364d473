// How many multiply-adds one core, or all together, can do in this engine's fastest build: what kernels are
// measured against.
import type { ThreadHost } from '../host.ts';
import { compileBuild, runsHere, type WasmBuild } from './builds.ts';
import { type Crew, execute, instantiate, MOST_SPINS } from './execute.ts';
import { LEAVE, PROGRAMS, type Programs, STEPS_OFFSET } from './memory_map.ts';
import { announce, type ThreadStart } from './thread.ts';

/** ROUND_OPERATIONS in assembly/roofline.ts. */
const ROUND_OPERATIONS = 12 * 8;
const ROUNDS = 4_000_000;
const RUNS = 8;

/** @throws Error if none of them runs here */
function compileFastest(...builds: WasmBuild[]): Promise<WebAssembly.Module> {
  const fastest = builds.find(runsHere);
  if (!fastest) throw new Error(`no WASM build runs here: ${builds.join(', ')}`);
  return compileBuild(fastest);
}

/** @returns GFLOP/s of one thread, the best of several runs */
export async function measureRoofline(): Promise<number> {
  const module = await compileFastest('relaxed', 'simd');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { roofline } = await instantiate([module], memory);
  roofline(ROUNDS / 4);
  let best = 0;
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now();
    roofline(ROUNDS);
    best = Math.max(best, (ROUNDS * ROUND_OPERATIONS) / (performance.now() - begin) / 1e6);
  }
  return best;
}

/**
 * @returns GFLOP/s of so many threads at once, the best of several runs: less than as many times one's where
 * processors
 *   are threads of one core
 */
export async function measureSharedRoofline(host: ThreadHost, threads: number): Promise<number> {
  const module = await compileFastest('relaxed_threads', 'simd_threads');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const kernels = await instantiate([module], memory);
  const probe = [{ kernel: 'roofline', args: [ROUNDS], constants: {}, wait: true }];
  const programs = Object.fromEntries(PROGRAMS.map((name) => [name, probe])) as unknown as Programs;
  const crew: Crew = { context: STEPS_OFFSET, threads, spins: MOST_SPINS };
  const start: ThreadStart = { modules: [module], memory, programs, crew };
  const helpers = Array.from({ length: threads - 1 }, () => host.spawnThread());
  await Promise.all(helpers.map((helper) => helper.begin(start)));
  let best = 0;
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now();
    announce(memory, 0, 1);
    execute(kernels, probe, 1, crew);
    best = Math.max(best, (threads * ROUNDS * ROUND_OPERATIONS) / (performance.now() - begin) / 1e6);
  }
  announce(memory, LEAVE, 0);
  for (const helper of helpers) helper.end();
  return best;
}
