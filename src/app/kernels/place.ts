// What of the laboratory its address tells: kernel, variant, shape, inputs, engine and, in a link that is handed
// on, a changed text.
import { wgslKernel } from '../../engine/webgpu/kernels/index.ts';
import { KERNEL_NAMES, type KernelName } from '../../network/kernels.ts';
import { usualCasesOf } from '../../validation/cases.ts';
import { INPUTS, type Inputs } from '../../validation/inputs.ts';
import { formatFragment } from '../router.ts';
import { packText } from './packed_text.ts';
import { findCase, type TrialEngine } from './trial.ts';

export interface Place {
  readonly kernel: KernelName;
  /** Left out, the one that runs on this device. */
  readonly variant?: string;
  readonly shape: string;
  readonly inputs: Inputs;
  /** Left out, WebGPU where it runs. */
  readonly engine?: TrialEngine;
  /** A step of the guided path, from 1. */
  readonly step?: number;
}

/** A text that an address brings. */
export interface Shared {
  /** As packText() has it. */
  readonly packed: string;
  /** All shapes are to be tried. */
  readonly all: boolean;
}

export const STEPS = 5;

export const FIRST_KERNEL: KernelName = 'dense_forward';

/** Which variants a kernel has, by name, with their files. */
export function variantsOf(
  kernel: KernelName,
): readonly { readonly name: string; readonly shader: string }[] {
  return wgslKernel(kernel).variants;
}

/** Of a training's first layer of 128 units, where the kernel is of one; the first shape of the others. */
export function usualShape(kernel: KernelName): string {
  const cases = usualCasesOf(kernel);
  return (cases.find(({ shape }) => /784→128/.test(shape)) ?? cases[0]).shape;
}

/** What it does not know is left out. */
export function fromParams(params: URLSearchParams): Place {
  const kernel = KERNEL_NAMES.find((name) => name === params.get('kernel')) ?? FIRST_KERNEL;
  const variant = variantsOf(kernel).find(({ name }) => name === params.get('variant'))?.name;
  const shape = params.get('shape') ?? '';
  const step = Number(params.get('step'));
  const engine = (['webgpu', 'wasm'] as const).find((name) => name === params.get('engine'));
  return {
    kernel,
    shape: findCase(kernel, shape)?.shape ?? usualShape(kernel),
    inputs: INPUTS.find((name) => name === params.get('inputs')) ?? 'random',
    ...(variant && { variant }),
    ...(engine && { engine }),
    ...(kernel === 'dense_forward' && Number.isInteger(step) && step >= 1 && step <= STEPS && { step }),
  };
}

export function sharedIn(params: URLSearchParams): Shared | undefined {
  const packed = params.get('text');
  return packed ? { packed, all: params.get('all') === '1' } : undefined;
}

export function toParams(
  { kernel, variant, shape, inputs, engine, step }: Place,
  shared?: Shared,
): URLSearchParams {
  const params = new URLSearchParams({ kernel });
  if (variant) params.set('variant', variant);
  if (shape !== usualShape(kernel)) params.set('shape', shape);
  if (inputs !== 'random') params.set('inputs', inputs);
  if (engine) params.set('engine', engine);
  if (step) params.set('step', String(step));
  if (shared) {
    if (shared.all) params.set('all', '1');
    params.set('text', shared.packed);
  }
  return params;
}

/** The whole address of a place with a text. @param all whether all shapes are to be tried */
export async function addressOf(place: Place, text: string, all: boolean): Promise<string> {
  const shared = { packed: await packText(text), all };
  const fragment = formatFragment('kernels', toParams({ ...place, step: undefined }, shared));
  return `${location.href.replace(/#.*/, '')}${fragment}`;
}
