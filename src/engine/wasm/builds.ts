// The four builds of assembly/, and the choice among them.
import { multipliesBytes } from './byte_products.ts';

export const WASM_BUILDS = ['relaxed_threads', 'simd_threads', 'relaxed', 'simd'] as const;
export type WasmBuild = (typeof WASM_BUILDS)[number];

type Sources = { readonly [B in WasmBuild]: () => Promise<{ default: string }> };

/**
 * A build's modules: of the kernels that all plans call, of those that distort images, and of int8 networks. Each arrives
 * gzipped as a data URL, so that one import works in browsers, in workers, in Node and in bundles.
 */
const SOURCES: { readonly [P in 'all' | 'distort' | 'int8']: Sources } = {
  all: {
    relaxed_threads: () => import('../../../build/relaxed_threads.wasm.gz?inline'),
    simd_threads: () => import('../../../build/simd_threads.wasm.gz?inline'),
    relaxed: () => import('../../../build/relaxed.wasm.gz?inline'),
    simd: () => import('../../../build/simd.wasm.gz?inline'),
  },
  distort: {
    relaxed_threads: () => import('../../../build/distort_relaxed_threads.wasm.gz?inline'),
    simd_threads: () => import('../../../build/distort_simd_threads.wasm.gz?inline'),
    relaxed: () => import('../../../build/distort_relaxed.wasm.gz?inline'),
    simd: () => import('../../../build/distort_simd.wasm.gz?inline'),
  },
  int8: {
    relaxed_threads: () => import('../../../build/int8_relaxed_threads.wasm.gz?inline'),
    simd_threads: () => import('../../../build/int8_simd_threads.wasm.gz?inline'),
    relaxed: () => import('../../../build/int8_relaxed.wasm.gz?inline'),
    simd: () => import('../../../build/int8_simd.wasm.gz?inline'),
  },
};

/** Modules of one function, with `f32x4.relaxed_madd` and with `f32x4.add`. */
const PROBES = {
  'relaxed-simd': 'AGFzbQEAAAABBQFgAAF7AwIBAAoTAREAQQH9D0EB/Q9BAf0P/YUCCw==',
  simd: 'AGFzbQEAAAABBQFgAAF7AwIBAAoPAQ0AQQH9D0EB/Q/95AEL',
} as const;

export function usesThreads(build: WasmBuild): boolean {
  return build.endsWith('_threads');
}

/** The vector instructions that a build uses. */
export function simdOf(build: WasmBuild): keyof typeof PROBES {
  return build.startsWith('relaxed') ? 'relaxed-simd' : 'simd';
}

/** A module with (a, b, c) → `f32x4.relaxed_madd(a, b, c)`, of one lane. */
const MADD = 'AGFzbQEAAAABCAFgA319fQF9AwIBAAcFAQFmAAAKFgEUACAA/RMgAf0TIAL9E/2FAv0fAAs=';

let fused: boolean | undefined;

/**
 * Whether `relaxed_madd` rounds once here. JavaScriptCore multiplies and adds: its relaxed SIMD has the bits of the
 * builds without. 1 + 2⁻¹¹ is what is left of (1 + 2⁻¹²)² once it is rounded.
 */
function fuses(): boolean {
  if (fused === undefined) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(MADD)));
    const madd = exports.f as (a: number, b: number, c: number) => number;
    fused = madd(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11)) !== 0;
  }
  return fused;
}

/** The build's vector instructions here, as `EngineInfo.simd` names them: equal ones give equal bits. */
export function vectorsOf(build: WasmBuild): string {
  const simd = simdOf(build);
  return simd === 'relaxed-simd' && !fuses() ? 'relaxed-simd unfused' : simd;
}

/** Whether this machine has the instructions that a build uses: its own validator says so. */
export function runsHere(build: WasmBuild): boolean {
  return WebAssembly.validate(bytesOf(PROBES[simdOf(build)]));
}

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Loads and compiles a build's kernels that all plans call, or those that distort images, once. */
export function compileBuild(build: WasmBuild, part: 'all' | 'distort' = 'all'): Promise<WebAssembly.Module> {
  const key = `${part} ${build}`;
  const module = compiled.get(key) ?? load(SOURCES[part][build]).then((bytes) => WebAssembly.compile(bytes));
  compiled.set(key, module);
  return module;
}

/**
 * The build's kernels of int8 networks, or those without relaxed SIMD where it has none for bytes, or gets them wrong.
 */
export async function compileInt8Build(build: WasmBuild): Promise<WebAssembly.Module> {
  const threads = usesThreads(build);
  if (simdOf(build) === 'relaxed-simd') {
    const bytes = await load(SOURCES.int8[build]);
    const module = WebAssembly.validate(bytes) ? await WebAssembly.compile(bytes) : undefined;
    if (module && (await multipliesBytes(module, threads))) return module;
  }
  return WebAssembly.compile(await load(SOURCES.int8[threads ? 'simd_threads' : 'simd']));
}

async function load(source: Sources[WasmBuild]): Promise<ArrayBuffer> {
  const { default: url } = await source();
  const packed = new Blob([bytesOf(url.slice(url.indexOf(',') + 1))]);
  const stream = packed.stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
