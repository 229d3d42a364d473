// open(): chooses an engine and says why the others were passed over.
import { InputError, messageOf } from '../errors.ts';
import { BACKENDS, type Backend, type Engine, type EngineInfo, type PassedOver } from './engine.ts';
import type { Host } from './host.ts';
import { missingPackage } from './missing_package.ts';
import type { TfjsOptions } from './tfjs/engine.ts';
import type { WasmOptions } from './wasm/choose.ts';
import { openWasm } from './wasm/open.ts';
import type { WebgpuOptions } from './webgpu/engine.ts';

export const BACKEND_CHOICES = ['auto', ...BACKENDS] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

export interface OpenOptions extends WasmOptions, WebgpuOptions, TfjsOptions {
  readonly backend?: BackendChoice;
}

export interface Opened {
  readonly engine: Engine;
  readonly passedOver: readonly PassedOver[];
}

export const MAX_THREADS = 64;

/** @throws InputError unless WASM can have so many threads */
export function checkThreads(threads: number): number {
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new InputError(`threads ${threads}: expected a whole number from 1 to ${MAX_THREADS}`);
  }
  return threads;
}

/**
 * Opens the backend named, or with `auto` the first of: WebGPU on a real device, WASM with threads, WASM.
 * WebGPU on the processor (SwiftShader, lavapipe) is only opened by name, being slower than WASM.
 * @throws InputError if the backend named cannot run here, with the reason
 */
export async function open(host: Host, options: OpenOptions = {}): Promise<Opened> {
  const { backend = 'auto', threads } = options;
  if (!BACKEND_CHOICES.includes(backend)) {
    throw new InputError(`backend "${backend}": expected one of ${BACKEND_CHOICES.join(', ')}`);
  }
  if (threads !== undefined) checkThreads(threads);
  const passedOver: PassedOver[] = [];
  if (backend === 'auto') {
    try {
      const engine = await openNamed('webgpu', host, options, passedOver);
      if (!engine.info.software) return { engine, passedOver };
      passedOver.push({
        what: 'webgpu',
        why: `${engine.info.adapter} runs on the processor, slower than WASM; ask for webgpu by name to use it`,
      });
      engine.dispose();
    } catch (error) {
      passedOver.push({ what: 'webgpu', why: messageOf(error) });
    }
  }
  if (backend !== 'webgpu' && options.precision === 'mixed')
    throw new InputError(`mixed precision needs the backend webgpu${reasons(passedOver)}`);
  const engine = await openNamed(backend === 'auto' ? 'wasm' : backend, host, options, passedOver);
  return { engine, passedOver };
}

function reasons(passedOver: readonly PassedOver[]): string {
  const why = passedOver.map((each) => each.why).join('; ');
  return why && `, which was passed over: ${why}`;
}

/** The packages of tfjs are optional. */
async function openTfjs(host: Host, options: OpenOptions): Promise<Engine> {
  try {
    return await (await import('./tfjs/engine.ts')).openTfjs(host, options);
  } catch (error) {
    const missing = missingPackage(error);
    throw missing === undefined ? error : new InputError(`the backend tfjs cannot run here, ${missing}`);
  }
}

/** Engines load only when used. */
async function openNamed(
  backend: Backend,
  host: Host,
  options: OpenOptions,
  passedOver: PassedOver[],
): Promise<Engine> {
  switch (backend) {
    case 'webgpu':
      return (await import('./webgpu/engine.ts')).openWebgpu(host, options);
    case 'wasm':
      return openWasm(host, options, passedOver);
    case 'tfjs':
      if (import.meta.env.LIBRARY)
        throw new InputError('the library has no backend tfjs: the command line and the page have it');
      return openTfjs(host, options);
  }
}

/** A backend as this host can or cannot run it. */
export interface Availability {
  readonly backend: Backend;
  readonly info?: EngineInfo;
  /** Why it cannot run here. */
  readonly unavailable?: string;
}

/** Opens and closes every backend but tfjs, which always runs and is heavy to load. */
export async function probe(host: Host): Promise<Availability[]> {
  const found: Availability[] = [];
  for (const backend of ['webgpu', 'wasm'] as const) {
    try {
      const { engine } = await open(host, { backend });
      found.push({ backend, info: engine.info });
      engine.dispose();
    } catch (error) {
      found.push({ backend, unavailable: messageOf(error) });
    }
  }
  return found;
}
