// The WASM engine: one memory a plan, one thread that calls, helper threads that follow.
import { InputError } from '../../errors.ts';
import { EVALUATION_BATCH } from '../../network/evaluation_batch.ts';
import type { Plan } from '../../network/plan.ts';
import type { Engine, EngineInfo, Executor } from '../engine.ts';
import type { Host, Thread } from '../host.ts';
import { compileInt8Build, simdOf, usesThreads, vectorsOf, type WasmBuild } from './builds.ts';
import { instantiate, MOST_SPINS } from './execute.ts';
import { type Lease, WasmExecutor } from './executor.ts';
import { CONTEXT_BYTES, type Layout, layOut, megabytes, PAGE_BYTES, STEPS_OFFSET } from './layout.ts';
import type { WasmOptions } from './open.ts';
import type { ThreadStart } from './thread.ts';

/** Executes plans with one compiled build. */
export class WasmEngine implements Engine {
  readonly evaluationBatch = EVALUATION_BATCH;
  readonly info: EngineInfo;
  private readonly host: Host;
  private readonly build: WasmBuild;
  private readonly module: WebAssembly.Module;
  private readonly settings: { readonly zeroSkipping: boolean; readonly fusions: boolean };
  private readonly executors = new Set<WasmExecutor>();
  /** For plans that multiply bytes. */
  private forBytes: Promise<WebAssembly.Module> | undefined;
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
    const [adapter, simd] = [`WASM ${simdOf(build)}`, vectorsOf(build)];
    this.info = { backend: 'wasm', adapter, threads, simd, software: false };
  }

  async prepare(plan: Plan): Promise<Executor> {
    const { threads } = this.info;
    const layout = layOut(plan, threads, this.settings.fusions);
    const memory = this.memory(layout.size);
    const module = await this.moduleFor(plan);
    const kernels = await instantiate(module, memory);
    const helpers = await this.startHelpers(module, memory, layout);
    const lease: Lease = {
      giveBack: (reusable) => {
        this.executors.delete(executor);
        this.idle.push(...helpers);
        if (reusable) this.spare = memory;
      },
      abandon: async () => {
        this.executors.delete(executor);
        const reasons = await Promise.all(helpers.map((helper) => helper.abandon()));
        return reasons.filter((reason) => reason !== undefined);
      },
    };
    const { zeroSkipping } = this.settings;
    const settings = { threads, zeroSkipping, variant: this.build };
    const executor = new WasmExecutor(plan, layout, memory, kernels, settings, lease);
    this.executors.add(executor);
    return executor;
  }

  /** The build, or that of int8 networks for a plan of theirs. */
  private moduleFor({ calls }: Plan): Promise<WebAssembly.Module> | WebAssembly.Module {
    const exported = new Set(WebAssembly.Module.exports(this.module).map(({ name }) => name));
    const bytes = [...calls.evaluate, ...calls.train].filter(({ kernel }) => kernel.endsWith('_int8'));
    if (bytes.every(({ kernel }) => exported.has(kernel))) return this.module;
    this.forBytes ??= compileInt8Build(this.build);
    return this.forBytes;
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

  private async startHelpers(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    { programs, contexts }: Layout,
  ): Promise<Thread[]> {
    const { threads } = this.info;
    const helpers = Array.from({ length: threads - 1 }, () => this.idle.pop() ?? this.host.spawnThread());
    await Promise.all(
      helpers.map((helper, index) => {
        const crew = { context: contexts + (index + 1) * CONTEXT_BYTES, threads, spins: MOST_SPINS };
        const start: ThreadStart = { module, memory, programs, crew };
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
