// A plan laid out in WASM memory: writes and reads its buffers, and runs its steps.
import { messageOf } from '../../errors.ts';
import { titleOf } from '../../network/cost.ts';
import {
  type BufferSpec,
  BYTES_PER_ELEMENT,
  checkWrite,
  MAX_STEPS_PER_RUN,
  type Phase,
  type Plan,
  sizeOf,
  type TypedArray,
  typedArray,
} from '../../network/plan.ts';
import { packWords, STEP_BYTES, STEP_FIELDS, type Step } from '../../network/step.ts';
import type { Executor } from '../engine.ts';
import type { KernelTime, Profiler } from '../profile.ts';
import { costOf, helpersPay } from './cost.ts';
import { type Crew, execute, type KernelExports, MOST_SPINS } from './execute.ts';
import type { Layout, Settings } from './layout.ts';
import { CONTEXT_BYTES, LEAVE, PROGRAMS, type ProgramName, programOf, STEPS_OFFSET } from './memory_map.ts';
import { type Company, Pace } from './pace.ts';
import { type Packing, pack, packedBytes, unpack } from './packing.ts';
import { announce, giveUp } from './thread.ts';

/** What a kernel is timed over in a profile, far above the resolution of any browser's clock. */
const PROFILE_MILLISECONDS = 5;

/** The helper threads and the memory that an executor works with. */
export interface Lease {
  /** The helpers are free for another executor, and the memory if `reusable`. */
  giveBack(reusable: boolean): void;
  /** They are not to be used again. @returns what helpers failed with */
  abandon(): Promise<string[]>;
}

interface ExecutorSettings extends Settings {
  readonly threads: number;
  /** The build. */
  readonly variant: string;
}

export class WasmExecutor implements Executor, Profiler {
  readonly plan: Plan;
  private readonly layout: Layout;
  private readonly memory: WebAssembly.Memory;
  private readonly kernels: KernelExports;
  private readonly settings: ExecutorSettings;
  private readonly crew: Crew;
  /** The thread that calls, without its helpers. */
  private readonly alone: Crew;
  /**
   * Whether skipping zeros pays, by buffer of images. With hidden layers it does in any network that learned
   * a little.
   */
  private readonly sparse = new Map<string, boolean>();
  private readonly pace = new Pace();
  /** Whether others look at its memory, which is then not to be used again. */
  private viewed = false;
  /** Undefined once it is given back. */
  private lease: Lease | undefined;

  constructor(
    plan: Plan,
    layout: Layout,
    memory: WebAssembly.Memory,
    kernels: KernelExports,
    settings: ExecutorSettings,
    lease: Lease,
  ) {
    this.plan = plan;
    this.layout = layout;
    this.memory = memory;
    this.kernels = kernels;
    this.settings = settings;
    this.crew = { context: layout.contexts, threads: settings.threads, spins: MOST_SPINS };
    const ownContext = layout.contexts + settings.threads * CONTEXT_BYTES;
    this.alone = { context: ownContext, threads: 1, spins: MOST_SPINS };
    this.lease = lease;
    this.writeContexts();
  }

  private writeContexts(): void {
    const { contexts, scratch, scratchBytes, capacity } = this.layout;
    const { threads } = this.settings;
    const write = (context: number, ...words: number[]) =>
      new Uint32Array(this.memory.buffer, context, words.length).set(words);
    for (let thread = 0; thread < threads; thread++) {
      const own = scratch + thread * scratchBytes;
      write(contexts + thread * CONTEXT_BYTES, thread, threads, capacity, own);
    }
    write(this.alone.context, 0, 1, capacity, scratch);
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

  view(buffer: string): TypedArray | undefined {
    const { spec, packing, view } = this.buffer(buffer);
    if (packing !== 'plain') return undefined;
    this.viewed = true;
    return view.subarray(0, sizeOf(spec));
  }

  async run(phase: Phase, steps: readonly Step[]): Promise<Float32Array> {
    if (!this.lease) throw new Error('this executor was disposed of');
    if (steps.length > MAX_STEPS_PER_RUN)
      throw new Error(`${steps.length} steps; at most ${MAX_STEPS_PER_RUN}`);
    try {
      // A job has one barrier at least, or a helper could miss it.
      if (steps.length > 0) this.execute(this.program(phase), steps);
    } catch (error) {
      throw await this.failed(error);
    }
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

  private execute(program: ProgramName, steps: readonly Step[]): void {
    const { threads, alwaysTogether } = this.settings;
    if (alwaysTogether || !helpersPay(this.layout.programs[program], steps, threads)) {
      this.executePart(program, steps, alwaysTogether ? 'together' : 'alone');
      return;
    }
    let first = 0;
    for (const part of this.pace.parts(program, steps.length)) {
      const begin = performance.now();
      this.executePart(program, steps.slice(first, first + part.steps), part.company);
      this.pace.took(program, part, performance.now() - begin);
      first += part.steps;
    }
  }

  private executePart(program: ProgramName, steps: readonly Step[], company: Company): void {
    const records = new DataView(this.memory.buffer, STEPS_OFFSET);
    for (const [index, step] of steps.entries()) packWords(STEP_FIELDS, step, records, index * STEP_BYTES);
    const together = company === 'together';
    if (together) this.announce(PROGRAMS.indexOf(program), steps.length);
    const crew = together ? this.crew : this.alone;
    execute(this.kernels, this.layout.programs[program], steps.length, crew);
  }

  /** Gives up memory and helpers. @returns the error with what the helpers failed with */
  private async failed(error: unknown): Promise<Error> {
    giveUp(this.memory);
    const { lease } = this;
    this.lease = undefined;
    // Those that waited in vain, as this one, know no more.
    const said = new Set([messageOf(error), ...((await lease?.abandon()) ?? [])]);
    return new Error([...said].join(': '));
  }

  /** The phase's program for the data that it reads. */
  private program(phase: Phase): ProgramName {
    if (!this.settings.zeroSkipping) return programOf(phase, 'nothing');
    const sparse = this.sparse.get(`${phase === 'train' ? 'train' : 'test'}Images`);
    return programOf(phase, sparse ? 'all' : 'units');
  }

  dispose(): void {
    if (!this.lease) return;
    this.announce(LEAVE, 0);
    this.lease.giveBack(!this.viewed);
    this.lease = undefined;
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

/** Pixels that are looked at to judge a data set: their share is within some hundredths of that of all. */
const SAMPLED_PIXELS = 2000;

/** Multiples of it, less their whole parts, are spread evenly, and in step with no image's width. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** The share of bytes that are not zero. */
function density(images: TypedArray): number {
  let count = 0;
  for (let n = 0; n < SAMPLED_PIXELS; n++)
    if (images[Math.floor(((n * GOLDEN_RATIO) % 1) * images.length)] !== 0) count++;
  return count / SAMPLED_PIXELS;
}
