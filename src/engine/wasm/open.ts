// Opens the WASM engine, which loads only then.
import type { Engine, PassedOver } from '../engine.ts';
import type { ThreadHost } from '../host.ts';
import { compileBuild } from './builds.ts';
import { chooseBuild, type WasmOptions } from './choose.ts';

/**
 * @param passedOver gets the builds that would be faster but cannot run here
 * @throws InputError if threads or a build are asked for that this host cannot run, or if it has no SIMD
 */
export async function openWasm(
  host: ThreadHost,
  options: WasmOptions,
  passedOver: PassedOver[],
): Promise<Engine> {
  const { build, threads } = chooseBuild(host, options, passedOver);
  // The build loads and compiles while the engine loads.
  const module = compileBuild(build);
  const { WasmEngine } = await import('./engine.ts');
  return new WasmEngine(host, build, await module, threads, options);
}
