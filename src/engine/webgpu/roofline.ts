// The device's roofline, measured with shaders/roofline.wgsl: multiply-adds in registers, and a copy.
import source from '../../../shaders/roofline.wgsl?raw';
import type { Host } from '../host.ts';
import { awaitDevice, openDevice } from './device.ts';

export interface DeviceRoofline {
  /** float32 multiply-adds, two operations each. */
  readonly gflops: number;
  /** Read and written together. */
  readonly gigabytesPerSecond: number;
}

const WORKGROUP = 64;
/** Of one invocation in a round. */
const OPERATIONS = 256;

/** Each measurement lasts at least so long. */
const MILLISECONDS = 60;
const REPETITIONS = 5;

/** Workgroups that fill a large GPU, and few for one on the processor. */
const GROUPS = { hardware: 4096, software: 64 } as const;

/** Bytes of the copy's operands: beyond the caches of a GPU. */
const COPY_BYTES = { hardware: 2 ** 27, software: 2 ** 25 } as const;

/** @throws InputError with the reason if there is no WebGPU here */
export async function measureDeviceRoofline(host: Host): Promise<DeviceRoofline> {
  const { device, software } = await openDevice(host);
  const kind = software ? 'software' : 'hardware';
  const limit = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
  const bytes = Math.min(COPY_BYTES[kind], limit);
  const [from, to] = [0, 1].map(() =>
    device.createBuffer({ label: 'roofline', size: bytes, usage: GPUBufferUsage.STORAGE }),
  );
  const rounds = device.createBuffer({
    label: 'rounds',
    size: 4,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const entries = [{ type: 'read-only-storage' }, { type: 'storage' }, { type: 'uniform' }] as const;
  const layout = device.createBindGroupLayout({
    entries: entries.map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer })),
  });
  const module = device.createShaderModule({ label: 'roofline', code: source });
  const group = device.createBindGroup({
    layout,
    entries: [from, to, rounds].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });

  /** Seconds of `times` dispatches. */
  const run = async (pipeline: GPUComputePipeline, times: number): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let n = 0; n < times; n++) pass.dispatchWorkgroups(GROUPS[kind]);
    pass.end();
    const begin = performance.now();
    device.queue.submit([encoder.finish()]);
    await awaitDevice(device, device.queue.onSubmittedWorkDone());
    return (performance.now() - begin) / 1000;
  };
  /** The fastest of several. @returns seconds of one dispatch */
  const fastest = async (entryPoint: string): Promise<number> => {
    const pipeline = await device.createComputePipelineAsync({
      label: entryPoint,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint },
    });
    await run(pipeline, 1);
    const times = Math.ceil(MILLISECONDS / 1000 / Math.max(await run(pipeline, 1), 1e-5));
    let best = Infinity;
    for (let n = 0; n < REPETITIONS; n++) best = Math.min(best, (await run(pipeline, times)) / times);
    return best;
  };
  try {
    const count = software ? 64 : 1024;
    device.queue.writeBuffer(rounds, 0, Uint32Array.of(count));
    const operations = OPERATIONS * count * WORKGROUP * GROUPS[kind];
    return {
      gflops: operations / (await fastest('multiply_add')) / 1e9,
      gigabytesPerSecond: (2 * bytes) / (await fastest('copy')) / 1e9,
    };
  } finally {
    device.destroy();
  }
}
