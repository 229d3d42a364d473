// The WASM engine: one memory a plan, one thread that calls, helper threads that follow.
import { InputError } from '../../errors.ts';
import { EVALUATION_BATCH } from '../../network/evaluation_batch.ts';
import type { Plan } from '../../network/plan.ts';
import type { Engine, EngineInfo, Executor } from '../engine.ts';
import type { Thread, ThreadHost } from '../host.ts';
import { compileBuild, compileInt8Build, simdOf, usesThreads, vectorsOf, type WasmBuild } from './builds.ts';
import type { WasmOptions } from './choose.ts';
import { instantiate, MOST_SPINS } from './execute.ts';
import { type Lease, WasmExecutor } from './executor.ts';
import { type Layout, layOut, megabytes, type Settings } from './layout.ts';
import { CONTEXT_BYTES, PAGE_BYTES, STEPS_OFFSET } from './memory_map.ts';
import type { ThreadStart } from './thread.ts';

/** Executes plans with one compiled build. */
export class WasmEngine implements Engine {
  readonly evaluationBatch = EVALUATION_BATCH;
  readonly info: EngineInfo;
  private readonly host: ThreadHost;
  private readonly build: WasmBuild;
  private readonly module: WebAssembly.Module;
  private readonly settings: Settings;
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
    host: ThreadHost,
    build: WasmBuild,
    module: WebAssembly.Module,
    threads: number,
    { zeroSkipping = true, fusions = true, alwaysTogether = false }: WasmOptions = {},
  ) {
    this.settings = { zeroSkipping, fusions, alwaysTogether };
    this.host = host;
    this.build = build;
    this.module = module;
    const [adapter, simd] = [`WASM ${simdOf(build)}`, vectorsOf(build)];
    this.info = { backend: 'wasm', adapter, threads, simd, software: false };
  }

  async prepare(plan: Plan): Promise<Executor> {
    const { threads } = this.info;
    const layout = layOut(plan, threads, this.settings);
    const memory = this.memory(layout.size);
    const modules = await this.modulesFor(plan);
    const kernels = await instantiate(modules, memory);
    const helpers = await this.startHelpers(modules, memory, layout);
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
    const settings = { ...this.settings, threads, variant: this.build };
    const executor = new WasmExecutor(plan, layout, memory, kernels, settings, lease);
    this.executors.add(executor);
    return executor;
  }

  /** Those that export what a plan calls: the build's, and what few plans call where it is called. */
  private async modulesFor({ calls }: Plan): Promise<readonly WebAssembly.Module[]> {
    const exported = new Set(WebAssembly.Module.exports(this.module).map(({ name }) => name));
    const lacking = [...calls.evaluate, ...calls.train]
      .map(({ kernel }) => kernel)
      .filter((kernel) => !exported.has(kernel));
    if (lacking.some((kernel) => kernel.endsWith('_int8'))) {
      this.forBytes ??= compileInt8Build(this.build);
      return [await this.forBytes];
    }
    if (lacking.includes('distort')) return [this.module, await compileBuild(this.build, 'distort')];
    return [this.module];
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
    modules: readonly WebAssembly.Module[],
    memory: WebAssembly.Memory,
    { programs, contexts }: Layout,
  ): Promise<Thread[]> {
    const { threads } = this.info;
    const helpers = Array.from({ length: threads - 1 }, () => this.idle.pop() ?? this.host.spawnThread());
    await Promise.all(
      helpers.map((helper, index) => {
        const crew = { context: contexts + (index + 1) * CONTEXT_BYTES, threads, spins: MOST_SPINS };
        const start: ThreadStart = { modules, memory, programs, crew };
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
