// Every kernel and two trainings on every engine of this host, against the float64 oracle.

import type { Dataset } from '../data/dataset.ts';
import type { Engine, EngineInfo, PassedOver } from '../engine/engine.ts';
import type { Host } from '../engine/host.ts';
import { type OpenOptions, open } from '../engine/open.ts';
import { WASM_BUILDS } from '../engine/wasm/builds.ts';
import { TILINGS, type Tiling } from '../engine/webgpu/kernels/tiles.ts';
import { optionsOf, variantsOfShader } from '../engine/webgpu/select.ts';
import type { WgslSources } from '../engine/webgpu/shaders.ts';
import { InputError, messageOf } from '../errors.ts';
import { KERNEL_NAMES, type KernelName } from '../network/kernels.ts';
import { mixed, worst } from '../oracle/bounds.ts';
import { casesOf } from '../validation/cases.ts';
import { checkKernel, type KernelResult } from '../validation/check_kernel.ts';
import {
  checkTrajectory,
  makeReferences,
  type Reference,
  type TrajectoryResult,
} from '../validation/trajectories.ts';
import { environmentOf } from './environment.ts';
import type { JobControl, ValidateEvent, ValidateJob, ValidateReport } from './job.ts';

interface Candidate {
  readonly name: string;
  readonly options: OpenOptions;
  /** Those of the kernels that have not run in another candidate; none of tfjs, which has its own. */
  readonly kernels: readonly KernelName[];
}

const PRODUCTS: readonly KernelName[] = ['dense_forward', 'dense_backward_weight', 'dense_backward_input'];

/** `split` has one product of its own. */
const kernelsOf = (tiling: Tiling) => (tiling === 'split' ? (['dense_forward'] as const) : PRODUCTS);

const CANDIDATES: readonly Candidate[] = [
  ...TILINGS.map(
    (tiling): Candidate => ({
      name: `webgpu ${tiling}`,
      options: { backend: 'webgpu', tiling, software: tiling === 'registers' },
      kernels: tiling === 'registers' ? KERNEL_NAMES : kernelsOf(tiling),
    }),
  ),
  ...(['64x64', '32x32', 'split'] as const).map(
    (tiling): Candidate => ({
      name: `webgpu ${tiling} mixed`,
      options: { backend: 'webgpu', tiling, software: false, precision: 'mixed' },
      kernels: kernelsOf(tiling),
    }),
  ),
  ...WASM_BUILDS.map(
    (build): Candidate => ({
      name: `wasm ${build}`,
      options: { backend: 'wasm', build, alwaysTogether: true },
      kernels: KERNEL_NAMES,
    }),
  ),
  { name: 'tfjs', options: { backend: 'tfjs' }, kernels: [] },
];

/** Of own shaders: every variant that runs one, with an end to its loops, and then trainings with all of them. */
function ownCandidates(shaders: WgslSources): Candidate[] {
  const variants = Object.keys(shaders).flatMap(variantsOfShader);
  const own = { backend: 'webgpu', shaders, guarded: true } as const;
  return [
    ...variants.map(({ kernel, variant }): Candidate => {
      const name = `webgpu ${variant.name}, own`;
      return { name, options: { ...own, ...optionsOf(kernel, variant) }, kernels: [kernel] };
    }),
    { name: `webgpu with ${Object.keys(shaders).join(', ')}`, options: own, kernels: [] },
  ];
}

/** @throws InputError if own shaders cannot be validated as it is asked */
function candidatesOf({ backend, shaders, quick }: ValidateJob): readonly Candidate[] {
  if (!shaders) return CANDIDATES.filter(({ options }) => [options.backend, 'auto'].includes(backend));
  if (backend === 'wasm' || backend === 'tfjs')
    throw new InputError(`own shaders need the backend webgpu, not ${backend}`);
  const candidates = ownCandidates(shaders);
  if (!quick) return candidates;
  const alone = candidates.filter(({ kernels }) => kernels.length > 0);
  if (alone.length > 0) return alone;
  throw new InputError(
    `${Object.keys(shaders).join(', ')}: only trainings run it, which are left out if it is to be quick`,
  );
}

/**
 * @param dataset MNIST: the trainings read its first images
 * @throws InputError if none of the backends asked for can run here, or an own shader does not compile
 */
export async function runValidateJob(
  job: ValidateJob,
  dataset: Dataset,
  host: Host,
  control: JobControl<ValidateEvent> = {},
): Promise<ValidateReport> {
  const { onEvent, signal } = control;
  const candidates = candidatesOf(job);
  const kernels: KernelResult[] = [];
  const trajectories: TrajectoryResult[] = [];
  const passedOver: PassedOver[] = [];
  const infos: EngineInfo[] = [];
  if (!job.quick) onEvent?.({ kind: 'validating', what: 'the oracle trains in float64' });
  const references = job.quick ? [] : makeReferences(dataset.train);

  const check = async (engine: Engine, { name, options, kernels: own }: Candidate) => {
    for (const kernel of own) {
      onEvent?.({ kind: 'validating', what: `${name}: ${kernel}` });
      for (const kernelCase of casesOf(kernel).slice(job.quick ? -1 : 0)) {
        const result = await checkKernel(
          engine,
          name,
          kernelCase,
          options.precision === 'mixed' ? mixed : worst,
        );
        kernels.push(result);
        onEvent?.({ kind: 'kernel', result });
      }
      await control.gate?.();
      if (signal?.aborted) return;
    }
    if (job.shaders && own.length > 0) return;
    for (const reference of trainingsOf(options, engine.info, references)) {
      onEvent?.({ kind: 'validating', what: `${name}: 200 steps of ${reference.network}` });
      const result = await checkTrajectory(engine, name, reference);
      trajectories.push(result);
      onEvent?.({ kind: 'trajectory', result });
    }
  };

  for (const candidate of candidates) {
    // Of nothing at all there would be no report.
    if (signal?.aborted && infos.length > 0) break;
    let engine: Engine;
    try {
      ({ engine } = await open(host, candidate.options));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      passedOver.push({ what: candidate.name, why: messageOf(error) });
      continue;
    }
    infos.push(engine.info);
    try {
      await check(engine, candidate);
    } finally {
      engine.dispose();
    }
  }
  const stopped = signal?.aborted ?? false;
  if (infos.length === 0) {
    throw new InputError(passedOver.map(({ what, why }) => `${what}: ${why}`).join('; '));
  }
  return {
    schema: 'mnist-kernels/validate@1',
    environment: environmentOfAll(host, infos),
    kernels,
    trajectories,
    passedOver,
    stopped,
    pass: !stopped && [...kernels, ...trajectories].every(({ pass }) => pass),
  };
}

/** All engines together. */
function environmentOfAll(host: Host, infos: readonly EngineInfo[]): ValidateReport['environment'] {
  const joined = (field: 'backend' | 'adapter' | 'simd') =>
    [...new Set(infos.map((info) => info[field]))].join(', ');
  return {
    ...environmentOf(host, infos[0]),
    backend: joined('backend'),
    adapter: joined('adapter'),
    simd: joined('simd'),
    threads: Math.max(...infos.map(({ threads }) => threads)),
  };
}

/**
 * The trainings of a candidate. What float16 does to one is no rounding error of float32: its accuracy is what
 * counts. On a processor a GPU's tilings are slow, and the last network alone has all kernels.
 */
function trainingsOf(
  { precision, tiling }: OpenOptions,
  { software }: EngineInfo,
  references: readonly Reference[],
): readonly Reference[] {
  if (precision === 'mixed') return [];
  return software && tiling !== 'registers' ? references.slice(-1) : references;
}
