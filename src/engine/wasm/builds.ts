// The four builds of assembly/, and the choice among them: the browser's own validator is the feature probe.
import { multipliesBytes } from './byte_products.ts';

export const WASM_BUILDS = ['relaxed_threads', 'simd_threads', 'relaxed', 'simd'] as const;
export type WasmBuild = (typeof WASM_BUILDS)[number];

/** Each arrives as a data URL, so that one import works in browsers, in workers, in Node and in bundles. */
const SOURCES: { readonly [B in WasmBuild]: () => Promise<{ default: string }> } = {
  relaxed_threads: () => import('../../../build/relaxed_threads.wasm?inline'),
  simd_threads: () => import('../../../build/simd_threads.wasm?inline'),
  relaxed: () => import('../../../build/relaxed.wasm?inline'),
  simd: () => import('../../../build/simd.wasm?inline'),
};

/** Of int8 networks. */
const INT8_SOURCES: typeof SOURCES = {
  relaxed_threads: () => import('../../../build/int8_relaxed_threads.wasm?inline'),
  simd_threads: () => import('../../../build/int8_simd_threads.wasm?inline'),
  relaxed: () => import('../../../build/int8_relaxed.wasm?inline'),
  simd: () => import('../../../build/int8_simd.wasm?inline'),
};

export function usesThreads(build: WasmBuild): boolean {
  return build.endsWith('_threads');
}

/** The build's vector instructions as `EngineInfo.simd` names them. */
export function simdOf(build: WasmBuild): string {
  return build.startsWith('relaxed') ? 'relaxed-simd' : 'simd';
}

/** @returns the compiled build, or undefined if this machine lacks an instruction that it uses */
export function compileBuild(build: WasmBuild): Promise<WebAssembly.Module | undefined> {
  return compile(SOURCES[build]);
}

/**
 * The build's kernels of int8 networks, or those without relaxed SIMD where it has none for bytes, or gets them wrong.
 */
export async function compileInt8Build(build: WasmBuild): Promise<WebAssembly.Module> {
  const threads = usesThreads(build);
  if (simdOf(build) === 'relaxed-simd') {
    const module = await compile(INT8_SOURCES[build]);
    if (module && (await multipliesBytes(module, threads))) return module;
  }
  return (await compile(INT8_SOURCES[threads ? 'simd_threads' : 'simd']))!;
}

async function compile(source: (typeof SOURCES)[WasmBuild]): Promise<WebAssembly.Module | undefined> {
  const { default: url } = await source();
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (character) =>
    character.charCodeAt(0),
  );
  return WebAssembly.validate(bytes) ? WebAssembly.compile(bytes) : undefined;
}
