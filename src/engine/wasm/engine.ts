// The WASM engine: one memory a plan, one thread that calls, helper threads that follow.
import { InputError } from '../../errors.ts';
import { titleOf } from '../../network/cost.ts';
import { packWords, STEP_BYTES, STEP_FIELDS, type Step } from '../../network/kernels.ts';
import {
  type BufferSpec,
  BYTES_PER_ELEMENT,
  checkWrite,
  MAX_STEPS_PER_RUN,
  type Phase,
  type Plan,
  type TypedArray,
  typedArray,
} from '../../network/plan.ts';
import type { Engine, EngineInfo, Executor, PassedOver } from '../engine.ts';
import type { Host, Thread } from '../host.ts';
import type { KernelTime, Profiler } from '../profile.ts';
import { compileBuild, simdOf, usesThreads, WASM_BUILDS, type WasmBuild } from './builds.ts';
import { costOf } from './cost.ts';
import { type Crew, execute, instantiate, type KernelExports, MOST_SPINS } from './execute.ts';
import {
  CONTEXT_BYTES,
  type Layout,
  LEAVE,
  layOut,
  megabytes,
  PAGE_BYTES,
  PROGRAMS,
  type ProgramName,
  programOf,
  STEPS_OFFSET,
} from './layout.ts';
import { type Packing, pack, packedBytes, unpack } from './packing.ts';
import { announce, type ThreadStart } from './thread.ts';

export interface WasmOptions {
  /** Left out, one for each processor (at most DEFAULT_THREADS). */
  readonly threads?: number;
  /** One of the builds by name; left out, the fastest that runs here. */
  readonly build?: WasmBuild;
  /**
   * Skip pixels and activations that are zero, where that pays; true if left out. The results are the same.
   */
  readonly zeroSkipping?: boolean;
  /** Fuse the optimizer into the weight gradient; true if left out. The results are the same. */
  readonly fusions?: boolean;
}

/** More threads than this do not pay for networks of this kind unless asked for. */
const DEFAULT_THREADS = 16;

/** What a kernel is timed over in a profile, far above the resolution of any browser's clock. */
const PROFILE_MILLISECONDS = 5;

/**
 * @param passedOver gets the builds that would be faster but cannot run here
 * @throws InputError if threads or a build are asked for that this host cannot run, or if it has no SIMD
 */
export async function openWasm(host: Host, options: WasmOptions, passedOver: PassedOver[]): Promise<Engine> {
  const { build } = options;
  if (build !== undefined && !WASM_BUILDS.includes(build)) {
    throw new InputError(`WASM build "${build}": expected one of ${WASM_BUILDS.join(', ')}`);
  }
  let threads = options.threads ?? Math.min(host.processors, DEFAULT_THREADS);
  if (build !== undefined && !usesThreads(build)) {
    if (options.threads !== undefined && options.threads > 1) {
      throw new InputError(`WASM build "${build}" has one thread, ${options.threads} were asked for`);
    }
    threads = 1;
  }
  if (host.threadsUnavailable !== undefined && (threads > 1 || (build && usesThreads(build)))) {
    if (options.threads !== undefined || build !== undefined) {
      throw new InputError(`WASM threads cannot run here: ${host.threadsUnavailable}`);
    }
    passedOver.push({ what: 'wasm with threads', why: host.threadsUnavailable });
    threads = 1;
  }
  const candidates = build
    ? [build]
    : WASM_BUILDS.filter((candidate) => usesThreads(candidate) === threads > 1);
  for (const candidate of candidates) {
    const module = await compileBuild(candidate);
    if (module) return new WasmEngine(host, candidate, module, threads, options);
    passedOver.push({ what: `wasm ${candidate}`, why: `no ${simdOf(candidate)} instructions here` });
  }
  throw new InputError(
    `WASM ${candidates.join(' and ')} cannot run here: no ${simdOf(candidates.at(-1)!)} instructions`,
  );
}

/** Executes plans with one compiled build. */
export class WasmEngine implements Engine {
  readonly info: EngineInfo;
  private readonly host: Host;
  private readonly build: WasmBuild;
  private readonly module: WebAssembly.Module;
  private readonly settings: { readonly zeroSkipping: boolean; readonly fusions: boolean };
  private readonly executors = new Set<WasmExecutor>();
  /** Helper threads that have no executor at the moment: they start slowly, and are used again. */
  private readonly idle: Thread[] = [];
  /**
   * The memory of the last executor that was disposed of: a browser has address space for some dozens only.
   */
  private spare: WebAssembly.Memory | undefined;

  constructor(
    host: Host,
    build: WasmBuild,
    module: WebAssembly.Module,
    threads: number,
    { zeroSkipping = true, fusions = true }: WasmOptions = {},
  ) {
    this.settings = { zeroSkipping, fusions };
    this.host = host;
    this.build = build;
    this.module = module;
    const simd = simdOf(build);
    this.info = { backend: 'wasm', adapter: `WASM ${simd}`, threads, simd, software: false };
  }

  async prepare(plan: Plan): Promise<Executor> {
    const { threads } = this.info;
    const layout = layOut(plan, threads, this.settings.fusions);
    const memory = this.memory(layout.size);
    const kernels = await instantiate(this.module, memory);
    const helpers = await this.startHelpers(memory, layout);
    const release = () => {
      this.executors.delete(executor);
      this.idle.push(...helpers);
      this.spare = memory;
    };
    const { zeroSkipping } = this.settings;
    const settings = { threads, zeroSkipping, variant: this.build };
    const executor = new WasmExecutor(plan, layout, memory, kernels, settings, release);
    this.executors.add(executor);
    return executor;
  }

  /** A memory of at least `size` bytes, zeroed from STEPS_OFFSET on. */
  private memory(size: number): WebAssembly.Memory {
    const spare = this.spare;
    this.spare = undefined;
    if (!spare || spare.buffer.byteLength < size) return allocate(size, usesThreads(this.build));
    // The job below must stay: a helper thread may not have read yet that it is free.
    new Uint8Array(spare.buffer, STEPS_OFFSET).fill(0);
    return spare;
  }

  private async startHelpers(memory: WebAssembly.Memory, { programs, contexts }: Layout): Promise<Thread[]> {
    const { threads } = this.info;
    const helpers = Array.from({ length: threads - 1 }, () => this.idle.pop() ?? this.host.spawnThread());
    await Promise.all(
      helpers.map((helper, index) => {
        const crew = { context: contexts + (index + 1) * CONTEXT_BYTES, threads, spins: MOST_SPINS };
        const start: ThreadStart = { module: this.module, memory, programs, crew };
        return helper.begin(start);
      }),
    );
    return helpers;
  }

  dispose(): void {
    for (const executor of this.executors) executor.dispose();
    for (const helper of this.idle.splice(0)) helper.end();
  }
}

/** @throws InputError if the memory cannot be had */
function allocate(size: number, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(size / PAGE_BYTES);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch {
    throw new InputError(
      `the network and its data need ${megabytes(size)} MB, more memory than can be had here`,
    );
  }
}

interface ExecutorSettings {
  readonly threads: number;
  readonly zeroSkipping: boolean;
  /** The build. */
  readonly variant: string;
}

class WasmExecutor implements Executor, Profiler {
  readonly plan: Plan;
  private readonly layout: Layout;
  private readonly memory: WebAssembly.Memory;
  private readonly kernels: KernelExports;
  private readonly settings: ExecutorSettings;
  private readonly crew: Crew;
  /**
   * Whether skipping zeros pays, by buffer of images. With hidden layers it does in any network that learned
   * a little.
   */
  private readonly sparse = new Map<string, boolean>();
  /** Gives the helper threads back; undefined once that is done. */
  private release: (() => void) | undefined;

  constructor(
    plan: Plan,
    layout: Layout,
    memory: WebAssembly.Memory,
    kernels: KernelExports,
    settings: ExecutorSettings,
    release: () => void,
  ) {
    this.plan = plan;
    this.layout = layout;
    this.memory = memory;
    this.kernels = kernels;
    this.settings = settings;
    this.crew = { context: layout.contexts, threads: settings.threads, spins: MOST_SPINS };
    this.release = release;
    this.writeContexts();
  }

  private writeContexts(): void {
    const { contexts, scratch, scratchBytes, capacity } = this.layout;
    for (let thread = 0; thread < this.settings.threads; thread++) {
      const words = [thread, this.settings.threads, capacity, scratch + thread * scratchBytes];
      new Uint32Array(this.memory.buffer, contexts + thread * CONTEXT_BYTES, words.length).set(words);
    }
  }

  async write(buffer: string, data: TypedArray): Promise<void> {
    checkWrite(this.plan, buffer, data);
    const { spec, packing, view } = this.buffer(buffer);
    pack(packing, spec, data, view);
    if (spec.type === 'uint8' && spec.shape.length === 2) {
      this.sparse.set(buffer, density(data) < MAX_DENSITY);
    }
  }

  async read(buffer: string): Promise<TypedArray> {
    const { spec, packing, view } = this.buffer(buffer);
    return unpack(packing, spec, view);
  }

  async run(phase: Phase, steps: readonly Step[]): Promise<Float32Array> {
    if (!this.release) throw new Error('this executor was disposed of');
    if (steps.length > MAX_STEPS_PER_RUN)
      throw new Error(`${steps.length} steps; at most ${MAX_STEPS_PER_RUN}`);
    const records = new DataView(this.memory.buffer, STEPS_OFFSET);
    for (const [index, step] of steps.entries()) packWords(STEP_FIELDS, step, records, index * STEP_BYTES);
    const program = this.program(phase);
    this.announce(PROGRAMS.indexOf(program), steps.length);
    execute(this.kernels, this.layout.programs[program], steps.length, this.crew);
    if (!('metrics' in this.plan.buffers)) return new Float32Array(0);
    return (this.buffer('metrics').view as Float32Array).slice(0, 2 * steps.length);
  }

  /** On one thread; each kernel again and again, until the clock can tell. */
  async profile(phase: Phase, step: Step): Promise<readonly KernelTime[] | undefined> {
    const { programs, contexts } = this.layout;
    if (this.settings.threads > 1) return undefined;
    packWords(STEP_FIELDS, step, new DataView(this.memory.buffer, STEPS_OFFSET));
    return programs[this.program(phase)].map((instruction) => {
      const { kernel, args, constants } = instruction;
      let count = 1;
      let milliseconds = 0;
      for (; milliseconds < PROFILE_MILLISECONDS; count *= 2) {
        const begin = performance.now();
        for (let n = 0; n < count; n++) this.kernels[kernel](...args, STEPS_OFFSET, contexts);
        milliseconds = performance.now() - begin;
      }
      const variant = this.settings.variant;
      const each = (2 * milliseconds) / count;
      const cost = costOf(instruction, step.rows);
      return { kernel: titleOf(kernel, constants), variant, milliseconds: each, ...cost };
    });
  }

  /** The phase's program for the data that it reads. */
  private program(phase: Phase): ProgramName {
    if (!this.settings.zeroSkipping) return programOf(phase, 'nothing');
    const sparse = this.sparse.get(`${phase === 'train' ? 'train' : 'test'}Images`);
    return programOf(phase, sparse ? 'all' : 'units');
  }

  dispose(): void {
    if (!this.release) return;
    this.announce(LEAVE, 0);
    this.release();
    this.release = undefined;
  }

  private announce(program: number, steps: number): void {
    if (this.settings.threads === 1) return;
    announce(this.memory, program, steps);
  }

  private buffer(name: string): { spec: BufferSpec; packing: Packing; view: TypedArray } {
    const spec = this.plan.buffers[name];
    const placed = this.layout.buffers[name];
    if (!spec || !placed) throw new Error(`the plan has no buffer "${name}"`);
    const elements = packedBytes(placed.packing, spec) / BYTES_PER_ELEMENT[spec.type];
    return {
      spec,
      packing: placed.packing,
      view: typedArray(spec.type, this.memory.buffer, placed.offset, elements),
    };
  }
}

/** Above this share of pixels that are not zero, walking lists is slower than walking the pixels. */
const MAX_DENSITY = 0.5;

/** Pixels that are looked at to judge a data set. */
const SAMPLED_PIXELS = 1_000_000;

/** The share of bytes that are not zero. */
function density(images: TypedArray): number {
  const sample = images.subarray(0, SAMPLED_PIXELS);
  let count = 0;
  for (const pixel of sample) count += Number(pixel !== 0);
  return count / sample.length;
}
