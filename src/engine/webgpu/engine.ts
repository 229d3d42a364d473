// The WebGPU engine: one device, the pipelines compiled for it, and which variant of each product runs.
import { InputError } from '../../errors.ts';
import { EVALUATION_BATCH, GPU_EVALUATION_BATCH } from '../../network/evaluation_batch.ts';
import { PHASES, type Phase, type Plan } from '../../network/plan.ts';
import { STEP_BYTES, STILL_STEP } from '../../network/step.ts';
import type { Engine, EngineInfo, Executor, TuningRow } from '../engine.ts';
import type { Host } from '../host.ts';
import { type KernelTime, profileStep } from '../profile.ts';
import { place } from './arenas.ts';
import { knownTilings, rowOf, shapeOf, TUNING_RUNS, tuningKey } from './autotune.ts';
import { compile } from './compile.ts';
import { type Device, openDevice } from './device.ts';
import { type Chosen, type Pipeline, SUM_METRICS, WebgpuExecutor } from './executor.ts';
import { Faults } from './faults.ts';
import { toWgslCalls } from './fusions.ts';
import { GUARD_BINDING, guardLoops } from './guard.ts';
import { isProduct, type WgslCall, type WgslKernelName, wgslKernel } from './kernels/index.ts';
import type { Variant } from './kernels/kernel.ts';
import { TILINGS, type Tiling } from './kernels/tiles.ts';
import type { Placement } from './place.ts';
import { type Capabilities, selectVariant, tilingsOf } from './select.ts';
import {
  inFloat16,
  inPackedProducts,
  PACKED_PRODUCTS,
  PRECISIONS,
  type Precision,
  specialise,
  type WgslSources,
} from './shaders.ts';

export interface WebgpuOptions {
  /** One tiling for every product; left out, what select.ts chooses. */
  readonly tiling?: Tiling;
  /** Whether variants for processors are chosen; left out, as the adapter says. */
  readonly software?: boolean;
  /** Fuse kernels into fewer dispatches; true if left out. */
  readonly fusions?: boolean;
  /** Time every tiling of each product whose shape is not known yet, and remember the fastest. */
  readonly autotune?: boolean;
  /** Left out, float32. */
  readonly precision?: Precision;
  /** Products of bytes by dot4I8Packed; left out, where the language has it. */
  readonly packedProducts?: boolean;
  /** In place of files of shaders/, by name without `.wgsl`: kernels that have such a variant then run it. */
  readonly shaders?: WgslSources;
  /**
   * Ends the loops of these after {@link MAX_ROUNDS}, for texts that nobody has tried yet: what is then read
   * throws an InputError that names the loop's line.
   */
  readonly guarded?: boolean;
}

/**
 * @param sources other shaders than those that ship, for tests
 * @throws InputError with the reason if there is no WebGPU here, or no device for the options
 */
export async function openWebgpu(
  host: Host,
  options: WebgpuOptions = {},
  sources?: WgslSources,
): Promise<Engine> {
  const { precision = 'float32', tiling, shaders = {} } = options;
  if (!PRECISIONS.includes(precision))
    throw new InputError(`precision "${precision}": expected ${PRECISIONS.join(' or ')}`);
  if (precision === 'mixed' && tiling === 'registers')
    throw new InputError('tiling "registers" has no mixed precision; expected one that is staged, or split');
  await checkShaders(Object.keys(shaders), sources);
  const tuned = new Map(Object.entries(knownTilings(await host.tuning.read())));
  const opened = await openDevice(host);
  if (precision === 'mixed' && !opened.device.features.has('shader-f16')) {
    opened.device.destroy();
    throw new InputError(`mixed precision needs the feature shader-f16, which ${opened.name} lacks`);
  }
  return new WebgpuEngine(opened, host, options, sources, tuned);
}

/** @throws InputError naming one that is none of shaders/ */
async function checkShaders(names: readonly string[], sources: WgslSources | undefined): Promise<void> {
  if (names.length === 0) return;
  const known = sources ?? (await shipped());
  const stranger = names.find((name) => !Object.hasOwn(known, name));
  if (stranger !== undefined)
    throw new InputError(`shader "${stranger}": expected one of ${Object.keys(known).join(', ')}`);
}

const shipped = async (): Promise<WgslSources> => (await import('./shader_sources.ts')).WGSL_SOURCES;

class WebgpuEngine implements Engine {
  readonly info: EngineInfo;
  readonly evaluationBatch: number;
  private readonly opened: Device;
  private readonly options: WebgpuOptions;
  private sources: WgslSources | undefined;
  private readonly faults: Faults;
  private readonly stepLayout: GPUBindGroupLayout;
  private readonly pipelines = new Map<string, Promise<Pipeline>>();
  private readonly executors = new Set<WebgpuExecutor>();
  private readonly host: Host;
  /** The fastest tiling by tuningKey(). */
  private readonly tuned: Map<string, string>;
  /** What was timed since this engine was opened. */
  readonly tuning: TuningRow[] = [];

  constructor(
    opened: Device,
    host: Host,
    options: WebgpuOptions,
    sources: WgslSources | undefined,
    tuned: Map<string, string>,
  ) {
    this.opened = opened;
    this.host = host;
    this.tuned = tuned;
    this.options = options;
    this.sources = sources;
    this.faults = new Faults(opened.device);
    this.info = {
      backend: 'webgpu',
      adapter: opened.name,
      threads: 1,
      simd: 'none',
      software: opened.software,
    };
    this.evaluationBatch = this.capabilities.software ? EVALUATION_BATCH : GPU_EVALUATION_BATCH;
    const visibility = GPUShaderStage.COMPUTE;
    this.stepLayout = opened.device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility,
          buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: STEP_BYTES },
        },
        ...(options.guarded
          ? [{ binding: GUARD_BINDING, visibility, buffer: { type: 'storage' } as const }]
          : []),
      ],
    });
  }

  async prepare(plan: Plan): Promise<Executor> {
    if (this.options.autotune) await this.tune(plan);
    return this.prepareWith(plan, this.options.tiling);
  }

  private async prepareWith(plan: Plan, tiling: Tiling | undefined): Promise<WebgpuExecutor> {
    const { device } = this.opened;
    const chosen = this.choose(plan, tiling);
    const calls = [...PHASES.flatMap((phase) => chosen[phase]), SUM_METRICS];
    const placement = place(
      plan,
      calls.map(({ call }) => call),
    );
    checkLimits(placement, device.limits);
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const executor = new WebgpuExecutor(
      plan,
      placement,
      device,
      this.faults,
      this.stepLayout,
      this.options.guarded,
    );
    const invalid = await device.popErrorScope();
    const memory = await device.popErrorScope();
    const error = invalid ?? memory;
    if (error) {
      executor.dispose();
      if (memory)
        throw new InputError(`the network and its data do not fit the device's memory: ${memory.message}`);
      throw new Error(`WebGPU refused the network's buffers: ${error.message}`);
    }
    const pipelines = await Promise.all(
      calls.map(async (each) => [each, await this.pipeline(each)] as const),
    );
    executor.bind(chosen, new Map(pipelines));
    this.executors.add(executor);
    return executor;
  }

  /** The calls of each phase, each with its variant. */
  private choose(plan: Plan, tiling: Tiling | undefined): { readonly [P in Phase]: readonly Chosen[] } {
    const { fusions = true } = this.options;
    const rows = Math.max(...Object.values(plan.batch));
    const choose = (phase: Phase): Chosen[] =>
      toWgslCalls(plan.calls[phase], rows, fusions).map((call) => {
        const wanted = tiling ?? this.timed(call, plan.batch[phase]);
        const variant = selectVariant(call, plan.batch[phase], this.capabilities, wanted);
        return { call, variant: this.ownVariant(call.kernel, variant) };
      });
    return { train: choose('train'), evaluate: choose('evaluate') };
  }

  /** The variant chosen, unless the caller brought the shader of another one: then the first such. */
  private ownVariant(kernel: WgslKernelName, chosen: Variant): Variant {
    const isOwn = ({ shader }: Variant) => Object.hasOwn(this.options.shaders ?? {}, shader);
    return isOwn(chosen) ? chosen : (wgslKernel(kernel).variants.find(isOwn) ?? chosen);
  }

  /** The tiling that was the fastest for such a call; undefined if none was timed. */
  private timed(call: WgslCall, rows: number): Tiling | undefined {
    const fastest = this.tuned.get(this.keyOf(call, rows));
    return tilingsOf(call.kernel, this.precision).find((tiling) => tiling === fastest);
  }

  private get precision(): Precision {
    return this.options.precision ?? 'float32';
  }

  private get packedProducts(): boolean {
    return this.options.packedProducts ?? this.opened.gpu.wgslLanguageFeatures?.has(PACKED_PRODUCTS) ?? false;
  }

  private get capabilities(): Capabilities {
    const { software = this.opened.software } = this.options;
    return { software, precision: this.precision };
  }

  private keyOf(call: WgslCall, rows: number): string {
    return tuningKey(`${this.opened.name}, ${this.precision}`, call, rows);
  }

  private async tune(plan: Plan): Promise<void> {
    const wanted = PHASES.flatMap((phase) =>
      this.choose(plan, undefined)[phase].map(({ call }, index) => ({
        phase,
        index,
        call,
        rows: plan.batch[phase],
      })),
    ).filter(({ call, rows }) => isProduct(call.kernel) && !this.tuned.has(this.keyOf(call, rows)));
    if (wanted.length === 0) return;
    const times = new Map<Tiling, { [P in Phase]?: readonly KernelTime[] }>();
    for (const tiling of TILINGS) {
      if (!wanted.some(({ call }) => tilingsOf(call.kernel, this.precision).includes(tiling))) continue;
      const executor = await this.prepareWith(plan, tiling);
      const timed: { [P in Phase]?: readonly KernelTime[] } = {};
      for (const phase of new Set(wanted.map((each) => each.phase)))
        timed[phase] = await profileStep(
          executor,
          phase,
          { ...STILL_STEP, rows: plan.batch[phase] },
          TUNING_RUNS,
        );
      times.set(tiling, timed);
      executor.dispose();
      this.executors.delete(executor);
    }
    for (const { phase, index, call, rows } of wanted) {
      const each = tilingsOf(call.kernel, this.precision).map(
        (tiling) => [tiling, times.get(tiling)![phase]![index].milliseconds] as const,
      );
      const row = rowOf(shapeOf(call, rows), each);
      this.tuning.push(row);
      this.tuned.set(this.keyOf(call, rows), row.chosen);
    }
    await this.host.tuning.write(Object.fromEntries(this.tuned));
  }

  private async pipeline({ call, variant }: Chosen): Promise<Pipeline> {
    const { kernel, overrides } = call;
    const { shader, constants = {} } = variant;
    const { shaders = {}, guarded } = this.options;
    this.sources ??= await shipped();
    const own = shaders[shader];
    const plain = specialise(own ?? this.sources[shader], constants);
    const bytes = this.packedProducts ? inPackedProducts(plain) : plain;
    const source = this.precision === 'mixed' && isProduct(kernel) ? inFloat16(bytes) : bytes;
    const code = guarded && own !== undefined ? guardLoops(source) : source;
    const text = { name: shader, code, own: own !== undefined };
    const key = JSON.stringify([code, overrides]);
    const known = this.pipelines.get(key) ?? compile(this.opened.device, call, text, this.stepLayout);
    this.pipelines.set(key, known);
    return known;
  }

  dispose(): void {
    for (const executor of this.executors) executor.dispose();
    this.executors.clear();
    this.faults.expectLoss();
    this.opened.device.destroy();
  }
}

/** @throws InputError naming the limit that the plan exceeds */
function checkLimits({ sizes }: Placement, limits: GPUSupportedLimits): void {
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const name = limit === limits.maxBufferSize ? 'maxBufferSize' : 'maxStorageBufferBindingSize';
  for (const [buffer, size] of sizes) {
    if (size > limit)
      throw new InputError(`${buffer}: ${size} bytes are needed, this WebGPU device's ${name} is ${limit}`);
  }
}
