// The comparison as data: its engines and fields, their place in the address, and the job they ask for.

import type { Availability } from '../../engine/open.ts';
import type { CompareJob, EngineOptions } from '../../jobs/job.ts';
import { fitNetwork } from '../../network/spec.ts';
import {
  checkForm,
  type DatasetShape,
  defaultValues,
  type Field,
  type FormValues,
  fromParams,
  recipeValues,
  toParams,
} from '../model/form.ts';
import { plural } from '../parts/format.ts';

/** The pair that is compared most has the colours that are furthest apart. */
export const ENGINES = {
  webgpu: { title: 'WebGPU', colour: '--series-3', options: { backend: 'webgpu' } },
  wasm: { title: 'WebAssembly', colour: '--series-1', options: { backend: 'wasm' } },
  'wasm-1': {
    title: 'WebAssembly, one thread',
    colour: '--series-4',
    options: { backend: 'wasm', threads: 1 },
  },
  'tfjs-wasm': { title: 'TensorFlow.js, WebAssembly', colour: '--series-2', options: { backend: 'tfjs' } },
  'tfjs-webgpu': {
    title: 'TensorFlow.js, WebGPU',
    colour: '--series-5',
    options: { backend: 'tfjs', tfjsBackend: 'webgpu' },
  },
  // A kernel at a time, or a fused one would run in place of the one that was changed.
  'webgpu-shipped': {
    title: 'WebGPU, the shader that ships',
    colour: '--series-3',
    options: { backend: 'webgpu', fusions: false },
  },
  'webgpu-own': {
    title: 'WebGPU, your shader',
    colour: '--series-2',
    options: { backend: 'webgpu', fusions: false },
  },
} as const satisfies Record<string, { title: string; colour: string; options: EngineOptions }>;

export type EngineName = keyof typeof ENGINES;

export const ENGINE_NAMES = Object.keys(ENGINES) as EngineName[];

/** A shader that was changed in the view Kernels, and as it ships. */
export interface ChangedShader {
  readonly own: string;
  readonly shipped: string;
}

/** The two engines that differ in a shader alone. */
const OF_SHADER: readonly EngineName[] = ['webgpu-shipped', 'webgpu-own'];

export interface CompareValues {
  /** In the order of {@link ENGINE_NAMES}; undefined until someone chose. */
  readonly engines: readonly EngineName[] | undefined;
  /** The engine that the others are held against; undefined for the first that has run. */
  readonly baseline: EngineName | undefined;
  /** A file of shaders/ without `.wgsl`, of which somebody has a draft. */
  readonly shader?: string;
  /** The form of a training, in whose words recipes and addresses are. */
  readonly training: FormValues;
}

/** Short, so that every engine is done in seconds. */
const SHORT = { epochs: '2', trainImages: '10000' };

/** The fields that this form shows; an address may set the others of a recipe too. */
export const FIELDS = {
  network: 'Layers',
  epochs: 'Epochs',
  batch: 'Batch',
  trainImages: 'Training images',
  seed: 'Seed',
} as const satisfies { readonly [F in Field]?: string };

/** Unknown engines, fields and choices are left out. */
export function fromCompareParams(params: URLSearchParams): CompareValues {
  const { backend, threads } = defaultValues();
  const named = params.get('engines')?.split(',');
  const shader = params.get('shader');
  return {
    ...(shader && { shader }),
    engines: named && ENGINE_NAMES.filter((name) => named.includes(name)),
    baseline: ENGINE_NAMES.find((name) => name === params.get('baseline')),
    training: {
      ...fromParams(params),
      backend,
      threads,
      epochs: params.get('epochs') ?? SHORT.epochs,
      trainImages: params.get('trainImages') ?? SHORT.trainImages,
    },
  };
}

/** The length stands there always: it is not a recipe's own. */
export function toCompareParams({ engines, baseline, shader, training }: CompareValues): URLSearchParams {
  const params = new URLSearchParams(engines ? { engines: engines.join(',') } : {});
  if (shader) params.set('shader', shader);
  if (baseline) params.set('baseline', baseline);
  for (const [field, value] of toParams(training)) params.set(field, value);
  params.set('epochs', training.epochs);
  params.set('trainImages', training.trainImages);
  return params;
}

/** What an address changed of the recipe that the form does not show: "learningRate 0.02". */
export function hiddenChanges({ training }: CompareValues): string[] {
  return Object.entries(recipeValues(training.recipe))
    .filter(([field, value]) => !Object.hasOwn(FIELDS, field) && training[field as Field] !== value)
    .map(([field]) => `${field} ${training[field as Field]}`);
}

/** Another recipe, of the length that the form has. */
export function withRecipe(values: CompareValues, name: string, shape: DatasetShape): CompareValues {
  const { network, epochs: _, ...recipe } = recipeValues(name);
  const training = { ...values.training, ...recipe, network: fitNetwork(network, shape) };
  return { ...values, training };
}

/** Made to fit another data set. */
export function fitted(values: CompareValues, shape: DatasetShape): CompareValues {
  const { network, trainImages } = values.training;
  return {
    ...values,
    training: {
      ...values.training,
      network: fitNetwork(network, shape),
      trainImages: Number(trainImages) > shape.train ? '' : trainImages,
    },
  };
}

/** An engine as this browser can or cannot run it. */
export interface Choice {
  readonly name: EngineName;
  readonly title: string;
  /** The device, or why there is none. */
  readonly note: string;
  readonly unavailable: boolean;
}

/**
 * @param found what the browser has, once it is known.
 * @param shader that was changed, if any
 * @returns one entry for each engine that would differ here
 */
export function choicesOf(found: readonly Availability[] | undefined, shader?: string): Choice[] {
  const of = (backend: Availability['backend']) => found?.find((each) => each.backend === backend);
  const gpu = of('webgpu');
  const wasm = of('wasm');
  const adapter = gpu?.info && (gpu.info.software ? `${gpu.info.adapter}, no GPU` : gpu.info.adapter);
  const threads = (number: number) => wasm?.info && `${wasm.info.simd}, ${plural(number, 'thread')}`;
  const notes: { readonly [N in EngineName]: string | undefined } = {
    webgpu: adapter ?? gpu?.unavailable,
    wasm: threads(wasm?.info?.threads ?? 1) ?? wasm?.unavailable,
    'wasm-1': threads(1) ?? wasm?.unavailable,
    'tfjs-wasm': 'its own kernels, one thread',
    'tfjs-webgpu': adapter ?? gpu?.unavailable,
    'webgpu-shipped': gpu?.unavailable ?? `${shader}.wgsl, a kernel at a time`,
    'webgpu-own': gpu?.unavailable ?? `your ${shader}.wgsl, a kernel at a time`,
  };
  const needs: { readonly [N in EngineName]?: Availability } = {
    webgpu: gpu,
    wasm,
    'wasm-1': wasm,
    'tfjs-webgpu': gpu,
    'webgpu-shipped': gpu,
    'webgpu-own': gpu,
  };
  const names = ENGINE_NAMES.filter((name) => shader !== undefined || !OF_SHADER.includes(name));
  return differing(names, found).map((name) => ({
    name,
    title: ENGINES[name].title,
    note: notes[name] ?? '…',
    unavailable: needs[name]?.unavailable !== undefined,
  }));
}

/** Where WASM has one thread anyway, "one thread" is the same. */
function differing(
  names: readonly EngineName[],
  found: readonly Availability[] | undefined,
): readonly EngineName[] {
  const wasm = found?.find(({ backend }) => backend === 'wasm');
  if (wasm?.info?.threads !== 1) return names;
  return ENGINE_NAMES.filter((name) =>
    name === 'wasm'
      ? names.includes('wasm') || names.includes('wasm-1')
      : name !== 'wasm-1' && names.includes(name),
  );
}

/** Those chosen, or while nobody chose: this project's fastest and tfjs's. */
export function chosenEngines(
  { engines, shader }: CompareValues,
  found: readonly Availability[] | undefined,
): readonly EngineName[] {
  if (engines)
    return differing(
      engines.filter((name) => shader !== undefined || !OF_SHADER.includes(name)),
      found,
    );
  const gpu = found?.find(({ backend }) => backend === 'webgpu')?.info;
  return gpu && !gpu.software ? ['webgpu', 'wasm', 'tfjs-wasm'] : ['wasm', 'tfjs-wasm'];
}

export interface Problem {
  readonly field: Field | 'engines';
  readonly message: string;
}

/**
 * The job that the form asks for, or the first thing wrong with it.
 * @param changed the texts of the shader that the form names
 */
export function checkCompare(
  values: CompareValues,
  shape: DatasetShape,
  found: readonly Availability[] | undefined,
  changed?: ChangedShader,
): { readonly job: CompareJob } | { readonly problem: Problem } {
  const chosen = chosenEngines(values, found);
  if (chosen.length < 2) return { problem: { field: 'engines', message: 'Choose two engines or more.' } };
  const checked = checkForm({ ...values.training, threads: '' }, shape);
  if ('problem' in checked) return checked;
  const { network, recipe, seed, trainLimit } = checked.job;
  if (!changed && chosen.includes('webgpu-own'))
    return { problem: { field: 'engines', message: noDraft(values.shader) } };
  const entrants = chosen.map((name) => ({
    name,
    engine: { ...ENGINES[name].options, ...shaderOf(name, values, changed) },
  }));
  return { job: { entrants, network, recipe, seed, ...(trainLimit !== undefined && { trainLimit }) } };
}

const noDraft = (shader?: string) =>
  `This browser keeps no changed ${shader}.wgsl: change it in Kernels first.`;

/** Both texts have an end to their loops, so that neither is slower for it. */
function shaderOf(
  name: EngineName,
  { shader }: CompareValues,
  changed: ChangedShader | undefined,
): Pick<EngineOptions, 'shaders' | 'guarded'> {
  if (!shader || !changed || !OF_SHADER.includes(name)) return {};
  return { shaders: { [shader]: name === 'webgpu-own' ? changed.own : changed.shipped }, guarded: true };
}
