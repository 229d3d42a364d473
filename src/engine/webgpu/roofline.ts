// The device's ceilings, measured with shaders/roofline.wgsl: multiply-adds in registers, a copy, and what it
// costs to ask for anything at all.
import source from '../../../shaders/roofline.wgsl?raw';
import type { Host } from '../host.ts';
import { awaitDevice, openDevice } from './device.ts';
import { inFloat16 } from './shaders.ts';

export interface DeviceRoofline {
  /** float32 multiply-adds, two operations each. */
  readonly gflops: number;
  /** Read and written together. */
  readonly gigabytesPerSecond: number;
}

/**
 * All that binds a device: what a benchmark wants to know, and a page that shows its peak does not wait for.
 */
export interface DeviceCeilings extends DeviceRoofline {
  /** Multiply-adds in float16; undefined where the device has none. */
  readonly halfGflops?: number;
  readonly overheads: DeviceOverheads;
}

/** Microseconds that work takes which is next to nothing. */
export interface DeviceOverheads {
  /** A dispatch that waits for the one before it, in one pass. */
  readonly dispatch: number;
  /** A pass of one dispatch, among others in one submit. */
  readonly pass: number;
  /** A submit of one such pass, among others that nobody waits for. */
  readonly submit: number;
  /** From a submit until the host has read four bytes that it wrote. */
  readonly readback: number;
}

const WORKGROUP = 64;
/** Floating-point operations of one invocation in a round. */
const OPERATIONS = 256;

/** Each measurement lasts at least so long. */
const MILLISECONDS = 60;
const REPETITIONS = 5;

/** Workgroups that fill a large GPU, and few for one on the processor. */
const GROUPS = { hardware: 4096, software: 64 } as const;

/** Rounds of one dispatch. */
const ROUNDS = { hardware: 1024, software: 64 } as const;

/** Bytes of the copy's operands: beyond the caches of a GPU. */
const COPY_BYTES = { hardware: 2 ** 27, software: 2 ** 25 } as const;

/** @throws InputError with the reason if there is no WebGPU here */
export async function measureDeviceRoofline(host: Host): Promise<DeviceRoofline> {
  const probe = await DeviceProbe.open(host);
  try {
    return await probe.roofline();
  } finally {
    probe.close();
  }
}

/** @throws InputError with the reason if there is no WebGPU here */
export async function measureDeviceCeilings(host: Host): Promise<DeviceCeilings> {
  const probe = await DeviceProbe.open(host);
  try {
    return {
      ...(await probe.roofline()),
      ...(probe.hasHalf && { halfGflops: await probe.gflops(inFloat16(source)) }),
      overheads: {
        dispatch: await probe.microseconds({ dispatches: CHAIN }),
        pass: await probe.microseconds({ passes: CHAIN }),
        submit: await probe.microseconds({ submits: CHAIN }),
        readback: await probe.readback(),
      },
    };
  } finally {
    probe.close();
  }
}

/** Dispatches, passes or submits that a cost is the mean of. */
const CHAIN = 1000;

/** How much of what is asked of the device; one of each if left out. */
interface Asked {
  readonly submits?: number;
  readonly passes?: number;
  readonly dispatches?: number;
}

class DeviceProbe {
  static async open(host: Host): Promise<DeviceProbe> {
    const { device, software } = await openDevice(host);
    return new DeviceProbe(device, software ? 'software' : 'hardware');
  }

  private readonly layout: GPUBindGroupLayout;
  private readonly group: GPUBindGroup;
  private readonly result: GPUBuffer;
  private readonly bytes: number;

  private constructor(
    private readonly device: GPUDevice,
    private readonly kind: 'hardware' | 'software',
  ) {
    const limit = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    this.bytes = Math.min(COPY_BYTES[kind], limit);
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
    const [from, to] = ['roofline source', 'roofline result'].map((label) =>
      device.createBuffer({ label, size: this.bytes, usage: STORAGE | COPY_SRC }),
    );
    const rounds = device.createBuffer({ label: 'rounds', size: 4, usage: UNIFORM | COPY_DST });
    device.queue.writeBuffer(rounds, 0, Uint32Array.of(ROUNDS[kind]));
    const entries = [{ type: 'read-only-storage' }, { type: 'storage' }, { type: 'uniform' }] as const;
    this.layout = device.createBindGroupLayout({
      entries: entries.map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer })),
    });
    this.group = device.createBindGroup({
      layout: this.layout,
      entries: [from, to, rounds].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    this.result = to;
  }

  get hasHalf(): boolean {
    return this.device.features.has('shader-f16');
  }

  async roofline(): Promise<DeviceRoofline> {
    return { gflops: await this.gflops(source), gigabytesPerSecond: await this.gigabytesPerSecond() };
  }

  /** The speed of the shader's multiply-adds. */
  async gflops(code: string): Promise<number> {
    const operations = OPERATIONS * ROUNDS[this.kind] * WORKGROUP * GROUPS[this.kind];
    return operations / (await this.fastest(code, 'multiply_add')) / 1e9;
  }

  async gigabytesPerSecond(): Promise<number> {
    return (2 * this.bytes) / (await this.fastest(source, 'copy')) / 1e9;
  }

  /**
   * The time of one of the many that are asked for: what the fastest run takes longer than the fastest with
   * one.
   */
  async microseconds(asked: Asked): Promise<number> {
    const pipeline = await this.pipeline(source, 'touch');
    const best = async (what: Asked): Promise<number> => {
      let seconds = Infinity;
      for (let n = 0; n < REPETITIONS; n++) seconds = Math.min(seconds, await this.run(pipeline, what, 1));
      return seconds;
    };
    const one = await best({});
    return (1e6 * ((await best(asked)) - one)) / (CHAIN - 1);
  }

  async readback(): Promise<number> {
    const { device } = this;
    const pipeline = await this.pipeline(source, 'touch');
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    const staging = device.createBuffer({ label: 'readback', size: 4, usage: MAP_READ | COPY_DST });
    let best = Infinity;
    for (let n = 0; n < READBACKS; n++) {
      const begin = performance.now();
      const encoder = this.encode(pipeline, {}, 1);
      encoder.copyBufferToBuffer(this.result, 0, staging, 0, 4);
      device.queue.submit([encoder.finish()]);
      await awaitDevice(device, staging.mapAsync(GPUMapMode.READ));
      staging.unmap();
      best = Math.min(best, performance.now() - begin);
    }
    return 1000 * best;
  }

  close(): void {
    this.device.destroy();
  }

  private pipeline(code: string, entryPoint: string): Promise<GPUComputePipeline> {
    const { device, layout } = this;
    return device.createComputePipelineAsync({
      label: entryPoint,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ label: 'roofline', code }), entryPoint },
    });
  }

  private encode(
    pipeline: GPUComputePipeline,
    { passes = 1, dispatches = 1 }: Asked,
    groups: number,
  ): GPUCommandEncoder {
    const encoder = this.device.createCommandEncoder();
    for (let p = 0; p < passes; p++) {
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, this.group);
      for (let n = 0; n < dispatches; n++) pass.dispatchWorkgroups(groups);
      pass.end();
    }
    return encoder;
  }

  /** Seconds until the device is through with all of it. */
  private async run(pipeline: GPUComputePipeline, asked: Asked, groups: number): Promise<number> {
    const { queue } = this.device;
    const begin = performance.now();
    for (let s = 0; s < (asked.submits ?? 1); s++)
      queue.submit([this.encode(pipeline, asked, groups).finish()]);
    await awaitDevice(this.device, queue.onSubmittedWorkDone());
    return (performance.now() - begin) / 1000;
  }

  /** The fastest of several. @returns seconds of one dispatch */
  private async fastest(code: string, entryPoint: string): Promise<number> {
    const pipeline = await this.pipeline(code, entryPoint);
    const groups = GROUPS[this.kind];
    await this.run(pipeline, {}, groups);
    const one = await this.run(pipeline, {}, groups);
    const dispatches = Math.ceil(MILLISECONDS / 1000 / Math.max(one, 1e-5));
    let best = Infinity;
    for (let n = 0; n < REPETITIONS; n++)
      best = Math.min(best, (await this.run(pipeline, { dispatches }, groups)) / dispatches);
    return best;
  }
}

const READBACKS = 20;
