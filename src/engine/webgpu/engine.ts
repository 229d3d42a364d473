// The WebGPU engine: a plan's buffers and pipelines on one device; a run of steps is one submit.
import { InputError } from '../../errors.ts';
import {
  KERNELS,
  type KernelName,
  kernelSpec,
  packWords,
  STEP_BYTES,
  STEP_FIELDS,
  type Step,
} from '../../network/kernels.ts';
import {
  bytesOf,
  type KernelCall,
  MAX_STEPS_PER_RUN,
  operandsOf,
  PHASES,
  type Phase,
  type Plan,
  sizeOf,
  type TypedArray,
  typedArray,
} from '../../network/plan.ts';
import type { Engine, EngineInfo, Executor } from '../engine.ts';
import type { Host } from '../host.ts';
import { type Device, openDevice } from './device.ts';
import { WGSL_KERNELS, type WgslKernels } from './kernels.ts';

/**
 * @param kernels other sources than those that ship, for tests
 * @throws InputError with the reason if there is no WebGPU here
 */
export async function openWebgpu(host: Host, kernels: WgslKernels = WGSL_KERNELS): Promise<Engine> {
  return new WebgpuEngine(await openDevice(host), kernels);
}

/** A pipeline with the layout of its first bind group. */
interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly operands: GPUBindGroupLayout;
}

class WebgpuEngine implements Engine {
  readonly info: EngineInfo;
  readonly #opened: Device;
  readonly #kernels: WgslKernels;
  readonly #faults: Faults;
  readonly #stepLayout: GPUBindGroupLayout;
  readonly #pipelines = new Map<KernelName, Promise<Pipeline>>();
  readonly #executors = new Set<WebgpuExecutor>();

  constructor(opened: Device, kernels: WgslKernels) {
    this.#opened = opened;
    this.#kernels = kernels;
    this.#faults = new Faults(opened.device);
    this.info = {
      backend: 'webgpu',
      adapter: opened.name,
      threads: 1,
      simd: 'none',
      software: opened.software,
    };
    this.#stepLayout = opened.device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: STEP_BYTES },
        },
      ],
    });
  }

  async prepare(plan: Plan): Promise<Executor> {
    const { device } = this.#opened;
    checkLimits(plan, device.limits);
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const executor = new WebgpuExecutor(plan, device, this.#faults, this.#stepLayout);
    const invalid = await device.popErrorScope();
    const memory = await device.popErrorScope();
    const error = invalid ?? memory;
    if (error) {
      executor.dispose();
      if (memory)
        throw new InputError(`the network and its data do not fit the device's memory: ${memory.message}`);
      throw new Error(`WebGPU refused the network's buffers: ${error.message}`);
    }
    const kernels = new Set(PHASES.flatMap((phase) => plan.calls[phase].map(({ kernel }) => kernel)));
    const pipelines = await Promise.all(
      [...kernels].map(async (kernel) => [kernel, await this.#pipeline(kernel)] as const),
    );
    executor.bind(new Map(pipelines));
    this.#executors.add(executor);
    return executor;
  }

  #pipeline(kernel: KernelName): Promise<Pipeline> {
    const known =
      this.#pipelines.get(kernel) ??
      compile(this.#opened.device, kernel, this.#kernels[kernel].source, this.#stepLayout);
    this.#pipelines.set(kernel, known);
    return known;
  }

  dispose(): void {
    for (const executor of this.#executors) executor.dispose();
    this.#executors.clear();
    this.#faults.expectLoss();
    this.#opened.device.destroy();
  }
}

/** What went wrong on a device outside of any call that could throw. */
class Faults {
  #message: string | undefined;
  #expected = false;
  /** Rejects when the device is lost. */
  readonly lost: Promise<never>;

  constructor(device: GPUDevice) {
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#message ??= `WebGPU reported: ${error.message}`;
    });
    this.lost = device.lost.then(({ message, reason }) => {
      if (!this.#expected) this.#message ??= `the WebGPU device was lost (${reason}): ${message}`;
      throw new Error(this.#message ?? 'the WebGPU device was closed');
    });
    this.lost.catch(() => {});
  }

  expectLoss(): void {
    this.#expected = true;
  }

  /** @throws Error if anything went wrong so far */
  check(): void {
    if (this.#message !== undefined) throw new Error(this.#message);
  }
}

/** @throws InputError naming the limit that the plan exceeds */
function checkLimits(plan: Plan, limits: GPUSupportedLimits): void {
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const name = limit === limits.maxBufferSize ? 'maxBufferSize' : 'maxStorageBufferBindingSize';
  for (const [buffer, spec] of Object.entries(plan.buffers)) {
    if (bytesOf(spec) > limit) {
      throw new InputError(
        `${buffer} needs ${bytesOf(spec)} bytes, this WebGPU device's ${name} is ${limit}`,
      );
    }
  }
}

/** Bindings of group 0: the operands in the kernel table's order, then the constants. */
async function compile(
  device: GPUDevice,
  kernel: KernelName,
  code: string,
  stepLayout: GPUBindGroupLayout,
): Promise<Pipeline> {
  const operands = device.createBindGroupLayout({
    label: kernel,
    entries: [
      ...Object.values(kernelSpec(kernel).operands).map(
        (operand): GPUBufferBindingLayout => ({
          type: operand.access === 'read' ? 'read-only-storage' : 'storage',
        }),
      ),
      { type: 'uniform' } as const,
    ].map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer })),
  });
  const module = device.createShaderModule({ label: kernel, code });
  const { messages } = await module.getCompilationInfo();
  const error = messages.find(({ type }) => type === 'error');
  if (error) throw new Error(`shaders/${kernel}.wgsl:${error.lineNum}: ${error.message}`);
  const pipeline = await device.createComputePipelineAsync({
    label: kernel,
    layout: device.createPipelineLayout({ bindGroupLayouts: [operands, stepLayout] }),
    compute: { module, entryPoint: 'main' },
  });
  return { pipeline, operands };
}

/** A kernel call ready to be encoded. */
interface Dispatch {
  readonly call: KernelCall;
  readonly pipeline: GPUComputePipeline;
  readonly operands: GPUBindGroup;
}

class WebgpuExecutor implements Executor {
  readonly plan: Plan;
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #buffers = new Map<string, GPUBuffer>();
  readonly #constants = new Map<KernelCall, GPUBuffer>();
  readonly #dispatches = new Map<Phase, readonly Dispatch[]>();
  readonly #steps: GPUBuffer;
  readonly #stepGroup: GPUBindGroup;
  /** Bytes from one step's record to the next: dynamic offsets have an alignment. */
  readonly #stepStride: number;

  constructor(plan: Plan, device: GPUDevice, faults: Faults, stepLayout: GPUBindGroupLayout) {
    this.plan = plan;
    this.#device = device;
    this.#faults = faults;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    for (const [label, spec] of Object.entries(plan.buffers)) {
      this.#buffers.set(label, device.createBuffer({ label, size: wholeWords(bytesOf(spec)), usage }));
    }
    for (const call of PHASES.flatMap((phase) => plan.calls[phase])) {
      this.#constants.set(call, uniform(device, call));
    }
    this.#stepStride = Math.max(STEP_BYTES, device.limits.minUniformBufferOffsetAlignment);
    this.#steps = device.createBuffer({
      label: 'steps',
      size: MAX_STEPS_PER_RUN * this.#stepStride,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#stepGroup = device.createBindGroup({
      layout: stepLayout,
      entries: [{ binding: 0, resource: { buffer: this.#steps, size: STEP_BYTES } }],
    });
  }

  /** Binds each call's operands to its kernel's pipeline. */
  bind(pipelines: ReadonlyMap<KernelName, Pipeline>): void {
    for (const phase of PHASES) {
      const dispatches = this.plan.calls[phase].map((call): Dispatch => {
        const { pipeline, operands } = pipelines.get(call.kernel)!;
        const buffers = [...operandsOf(call).map((name) => this.#buffer(name)), this.#constants.get(call)!];
        const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
        return { call, pipeline, operands: this.#device.createBindGroup({ layout: operands, entries }) };
      });
      this.#dispatches.set(phase, dispatches);
    }
  }

  async write(buffer: string, data: TypedArray): Promise<void> {
    this.#faults.check();
    let bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (bytes.length % 4 !== 0) {
      const padded = new Uint8Array(wholeWords(bytes.length));
      padded.set(bytes);
      bytes = padded;
    }
    this.#device.queue.writeBuffer(this.#buffer(buffer), 0, bytes as Uint8Array<ArrayBuffer>);
  }

  async read(buffer: string): Promise<TypedArray> {
    const size = this.#buffer(buffer).size;
    const spec = this.plan.buffers[buffer];
    const encoder = this.#device.createCommandEncoder();
    const staging = this.#stage(encoder, buffer, size);
    this.#device.queue.submit([encoder.finish()]);
    return typedArray(spec.type, await this.#fetch(staging), 0, sizeOf(spec));
  }

  async run(phase: Phase, steps: readonly Step[]): Promise<Float32Array> {
    if (steps.length > MAX_STEPS_PER_RUN)
      throw new Error(`${steps.length} steps; at most ${MAX_STEPS_PER_RUN}`);
    this.#faults.check();
    const records = new DataView(new ArrayBuffer(steps.length * this.#stepStride));
    for (const [index, step] of steps.entries())
      packWords(STEP_FIELDS, step, records, index * this.#stepStride);
    this.#device.queue.writeBuffer(this.#steps, 0, records.buffer as ArrayBuffer);

    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const [index, step] of steps.entries()) {
      pass.setBindGroup(1, this.#stepGroup, [index * this.#stepStride]);
      for (const { call, pipeline, operands } of this.#dispatches.get(phase)!) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, operands);
        pass.dispatchWorkgroups(...WGSL_KERNELS[call.kernel].grid(call.constants, step.rows));
      }
    }
    pass.end();
    if (!this.#buffers.has('metrics')) {
      this.#device.queue.submit([encoder.finish()]);
      return new Float32Array(0);
    }
    const staging = this.#stage(encoder, 'metrics', 8 * steps.length);
    this.#device.queue.submit([encoder.finish()]);
    return new Float32Array(await this.#fetch(staging));
  }

  dispose(): void {
    for (const buffer of [...this.#buffers.values(), ...this.#constants.values(), this.#steps])
      buffer.destroy();
  }

  #buffer(name: string): GPUBuffer {
    const buffer = this.#buffers.get(name);
    if (!buffer) throw new Error(`the plan has no buffer "${name}"`);
    return buffer;
  }

  /** Encodes a copy to a buffer that the host can map. */
  #stage(encoder: GPUCommandEncoder, buffer: string, size: number): GPUBuffer {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = this.#device.createBuffer({ label: `${buffer} staging`, size, usage });
    encoder.copyBufferToBuffer(this.#buffer(buffer), 0, staging, 0, size);
    return staging;
  }

  /** Waits with an eye on the device: Firefox looks at its own only every 100 ms, unless something is submitted. */
  async #pumped(mapped: Promise<undefined>): Promise<void> {
    const settled = mapped.then(() => true);
    while (!(await Promise.race([settled, afterMilliseconds(1)]))) this.#device.queue.submit([]);
  }

  async #fetch(staging: GPUBuffer): Promise<ArrayBuffer> {
    await Promise.race([this.#pumped(staging.mapAsync(GPUMapMode.READ)), this.#faults.lost]);
    this.#faults.check();
    const bytes = staging.getMappedRange().slice(0);
    staging.destroy();
    return bytes;
  }
}

/** A uniform buffer with the constants of a call. */
function uniform(device: GPUDevice, call: KernelCall): GPUBuffer {
  const fields = KERNELS[call.kernel].constants;
  const size = 4 * Object.keys(fields).length;
  const buffer = device.createBuffer({
    label: `${call.kernel} constants`,
    size,
    usage: GPUBufferUsage.UNIFORM,
    mappedAtCreation: true,
  });
  packWords(fields, call.constants, new DataView(buffer.getMappedRange()));
  buffer.unmap();
  return buffer;
}

function afterMilliseconds(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, false));
}

function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
