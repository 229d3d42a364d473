// One plan on a device: its buffers, its dispatches bound to pipelines, and the runs of steps.
import { titleOf } from '../../network/cost.ts';
import { packWords, STEP_BYTES, STEP_FIELDS, type Step } from '../../network/kernels.ts';
import {
  checkWrite,
  MAX_STEPS_PER_RUN,
  PHASES,
  type Phase,
  type Plan,
  sizeOf,
  type TypedArray,
  typedArray,
} from '../../network/plan.ts';
import type { Executor } from '../engine.ts';
import type { KernelTime, Profiler } from '../profile.ts';
import { gathered, type Place, type Placement, spread, wholeWords } from './arenas.ts';
import { awaitDevice } from './device.ts';
import { boundBuffers, constantsOf } from './dispatch.ts';
import type { Faults } from './faults.ts';
import type { WgslCall } from './fusions.ts';
import { layersTable } from './kernels/dense_backward_weight.ts';
import { wgslKernel } from './kernels/index.ts';
import type { Grid, Variant } from './kernels/kernel.ts';
import type { Tile } from './kernels/tiles.ts';

/** A pipeline with the layout of its first bind group. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly operands: GPUBindGroupLayout;
}

/** A call with the variant that runs it. */
export interface Chosen {
  readonly call: WgslCall;
  readonly variant: Variant;
}

/** Once at the end of a run whose calls leave their metrics by row. */
export const SUM_METRICS: Chosen = {
  call: { kernel: 'sum_metrics', operands: {}, constants: {} },
  variant: wgslKernel('sum_metrics').variants[0],
};

/** A call ready to be encoded. */
interface Dispatch {
  readonly chosen: Chosen;
  readonly pipeline: GPUComputePipeline;
  readonly operands: GPUBindGroup;
  readonly grid: Grid;
}

/** What a dispatch is timed over where there are no timestamps. */
const PROFILE_MILLISECONDS = 20;

/**
 * What it is timed over where there are: browsers and Dawn round them to 65 or 100 µs
 * (https://www.w3.org/TR/webgpu/#timestamp).
 */
const TIMESTAMP_MILLISECONDS = 2;
/** Dispatches between two timestamps, at most. */
const MAX_TIMED = 1000;

/**
 * Steps that are submitted together: few enough that the device starts early, enough to make a submit cheap.
 */
const STEPS_PER_SUBMIT = 64;

export class WebgpuExecutor implements Executor, Profiler {
  readonly plan: Plan;
  private readonly placement: Placement;
  private readonly device: GPUDevice;
  private readonly faults: Faults;
  private readonly buffers = new Map<string, GPUBuffer>();
  /** Constants and tables of calls. */
  private readonly small: GPUBuffer[] = [];
  private readonly dispatches = new Map<Phase, readonly Dispatch[]>();
  /** Adds up what the phases' output layers leave by row. */
  private readonly sums = new Map<Phase, Dispatch>();
  private readonly stepGroup: GPUBindGroup;
  /** Bytes from one step's record to the next: dynamic offsets have an alignment. */
  private readonly stepStride: number;

  constructor(
    plan: Plan,
    placement: Placement,
    device: GPUDevice,
    faults: Faults,
    stepLayout: GPUBindGroupLayout,
  ) {
    this.plan = plan;
    this.placement = placement;
    this.device = device;
    this.faults = faults;
    this.stepStride = Math.max(STEP_BYTES, device.limits.minUniformBufferOffsetAlignment);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const create = (label: string, size: number, more = 0) =>
      this.buffers.set(label, device.createBuffer({ label, size, usage: usage | more }));
    for (const [label, size] of placement.sizes) create(label, size);
    create('steps', MAX_STEPS_PER_RUN * this.stepStride, GPUBufferUsage.UNIFORM);
    for (const label of ['unused1', 'unused2']) create(label, 16);
    this.stepGroup = device.createBindGroup({
      layout: stepLayout,
      entries: [{ binding: 0, resource: { buffer: this.gpuBuffer('steps'), size: STEP_BYTES } }],
    });
  }

  /** Binds each call's operands to its pipeline. */
  bind(chosen: { readonly [P in Phase]: readonly Chosen[] }, pipelines: ReadonlyMap<Chosen, Pipeline>): void {
    const capacity = Math.max(...Object.values(this.plan.batch));
    const byRow = PHASES.filter((phase) => chosen[phase].some(({ call }) => call.kernel === 'output_layer'));
    if (byRow.length > 0) {
      const size = 8 * MAX_STEPS_PER_RUN * capacity;
      const rowMetrics = this.device.createBuffer({
        label: 'rowMetrics',
        size,
        usage: GPUBufferUsage.STORAGE,
      });
      this.buffers.set('rowMetrics', rowMetrics);
      const constants = { capacity, stride: this.stepStride / 4 };
      const sum = { ...SUM_METRICS, call: { ...SUM_METRICS.call, constants } };
      const dispatch = this.dispatch(sum, pipelines.get(SUM_METRICS)!);
      for (const phase of byRow) this.sums.set(phase, dispatch);
    }
    for (const phase of PHASES) {
      const dispatches = chosen[phase].map((each) => {
        const constants = { ...each.call.constants, capacity };
        return this.dispatch({ ...each, call: { ...each.call, constants } }, pipelines.get(each)!);
      });
      this.dispatches.set(phase, dispatches);
    }
  }

  private dispatch(chosen: Chosen, { pipeline, operands }: Pipeline): Dispatch {
    const { call, variant } = chosen;
    const { places } = this.placement;
    const constants = this.filled('constants', GPUBufferUsage.UNIFORM, constantsOf(call, places));
    const table =
      call.layers &&
      this.filled('layers', GPUBufferUsage.STORAGE, layersTable(call.layers, variant as Tile, places));
    const bound = boundBuffers(call, places).map((name) =>
      name === 'layers' ? table! : this.gpuBuffer(name),
    );
    const entries = [...bound, constants].map((buffer, binding) => ({ binding, resource: { buffer } }));
    return {
      chosen,
      pipeline,
      operands: this.device.createBindGroup({ layout: operands, entries }),
      grid: wgslKernel(call.kernel).grid(call, variant),
    };
  }

  private filled(label: string, usage: number, contents: ArrayBuffer): GPUBuffer {
    const buffer = this.device.createBuffer({
      label,
      size: contents.byteLength,
      usage,
      mappedAtCreation: true,
    });
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(contents));
    buffer.unmap();
    this.small.push(buffer);
    return buffer;
  }

  async write(buffer: string, data: TypedArray): Promise<void> {
    this.faults.check();
    checkWrite(this.plan, buffer, data);
    const at = this.place(buffer);
    const values = data instanceof Float32Array && at.width < at.stride ? spread(data, at) : data;
    let bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    if (bytes.length % 4 !== 0) {
      const padded = new Uint8Array(wholeWords(bytes.length));
      padded.set(bytes);
      bytes = padded;
    }
    this.device.queue.writeBuffer(at.gpu, at.offset, bytes as Uint8Array<ArrayBuffer>);
  }

  async read(buffer: string): Promise<TypedArray> {
    const at = this.place(buffer);
    const spec = this.plan.buffers[buffer];
    const encoder = this.device.createCommandEncoder();
    const staging = this.stage(encoder, at.gpu, at.offset, at.size);
    this.device.queue.submit([encoder.finish()]);
    const bytes = await this.fetch(staging);
    if (at.width < at.stride) return gathered(new Float32Array(bytes), at);
    return typedArray(spec.type, bytes, 0, sizeOf(spec));
  }

  async run(phase: Phase, steps: readonly Step[]): Promise<Float32Array> {
    if (steps.length > MAX_STEPS_PER_RUN)
      throw new Error(`${steps.length} steps; at most ${MAX_STEPS_PER_RUN}`);
    this.faults.check();
    const records = new DataView(new ArrayBuffer(steps.length * this.stepStride));
    for (const [index, step] of steps.entries())
      packWords(STEP_FIELDS, step, records, index * this.stepStride);
    const { queue } = this.device;
    queue.writeBuffer(this.gpuBuffer('steps'), 0, records.buffer as ArrayBuffer);

    const dispatches = this.dispatches.get(phase)!;
    for (let first = 0; first < steps.length; first += STEPS_PER_SUBMIT) {
      const encoder = this.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const [n, { rows }] of steps.slice(first, first + STEPS_PER_SUBMIT).entries()) {
        pass.setBindGroup(1, this.stepGroup, [(first + n) * this.stepStride]);
        for (const dispatch of dispatches) encode(pass, dispatch, rows);
      }
      pass.end();
      queue.submit([encoder.finish()]);
    }
    if (!('metrics' in this.plan.buffers)) return new Float32Array(0);
    const encoder = this.device.createCommandEncoder();
    const sum = this.sums.get(phase);
    if (sum) {
      const pass = encoder.beginComputePass();
      pass.setBindGroup(1, this.stepGroup, [0]);
      encode(pass, sum, steps.length);
      pass.end();
    }
    const { gpu, offset } = this.place('metrics');
    const staging = this.stage(encoder, gpu, offset, 8 * steps.length);
    queue.submit([encoder.finish()]);
    return new Float32Array(await this.fetch(staging));
  }

  /** Every dispatch again and again, until timestamps of the device, or without them the clock, can tell. */
  async profile(phase: Phase, step: Step): Promise<KernelTime[]> {
    const dispatches = this.dispatches.get(phase)!;
    const records = new DataView(new ArrayBuffer(this.stepStride));
    packWords(STEP_FIELDS, step, records);
    this.device.queue.writeBuffer(this.gpuBuffer('steps'), 0, records.buffer as ArrayBuffer);
    const milliseconds = this.device.features.has('timestamp-query')
      ? await this.timestamps(dispatches, step.rows)
      : await this.clocked(dispatches, step.rows);
    return dispatches.map(({ chosen: { call, variant } }, index) => ({
      kernel: titleOf(call.kernel, call.constants, call.layers),
      ...(wgslKernel(call.kernel).variants.length > 1 && { variant: variant.name }),
      milliseconds: milliseconds[index],
      ...wgslKernel(call.kernel).cost(call, step.rows),
    }));
  }

  private async timestamps(dispatches: readonly Dispatch[], rows: number): Promise<number[]> {
    const once = dispatches.map(() => 1);
    const roughly = await this.timed(dispatches, once, rows);
    const counts = roughly.map((time) =>
      Math.ceil(Math.min(TIMESTAMP_MILLISECONDS / Math.max(time, 1e-6), MAX_TIMED)),
    );
    if (counts.every((count) => count === 1)) return roughly;
    const times = await this.timed(dispatches, counts, rows);
    return times.map((time, index) => time / counts[index]);
  }

  /** Milliseconds of each dispatch, as many times as asked, between two timestamps. */
  private async timed(
    dispatches: readonly Dispatch[],
    counts: readonly number[],
    rows: number,
  ): Promise<number[]> {
    const count = 2 * dispatches.length;
    const querySet = this.device.createQuerySet({ type: 'timestamp', count });
    const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
    const resolved = this.device.createBuffer({ label: 'timestamps', size: 8 * count, usage });
    const encoder = this.device.createCommandEncoder();
    for (const [index, dispatch] of dispatches.entries()) {
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet,
          beginningOfPassWriteIndex: 2 * index,
          endOfPassWriteIndex: 2 * index + 1,
        },
      });
      pass.setBindGroup(1, this.stepGroup, [0]);
      for (let n = 0; n < counts[index]; n++) encode(pass, dispatch, rows);
      pass.end();
    }
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    const staging = this.stage(encoder, resolved, 0, 8 * count);
    this.device.queue.submit([encoder.finish()]);
    const times = new BigUint64Array(await this.fetch(staging));
    querySet.destroy();
    resolved.destroy();
    return dispatches.map((_, index) => Number(times[2 * index + 1] - times[2 * index]) / 1e6);
  }

  private async clocked(dispatches: readonly Dispatch[], rows: number): Promise<number[]> {
    const times: number[] = [];
    for (const dispatch of dispatches) {
      let count = 1;
      let milliseconds = 0;
      for (; milliseconds < PROFILE_MILLISECONDS; count *= 2) {
        const encoder = this.device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setBindGroup(1, this.stepGroup, [0]);
        for (let n = 0; n < count; n++) encode(pass, dispatch, rows);
        pass.end();
        const staging = this.stage(encoder, this.gpuBuffer('steps'), 0, 4);
        const begin = performance.now();
        this.device.queue.submit([encoder.finish()]);
        await this.fetch(staging);
        milliseconds = performance.now() - begin;
      }
      times.push((2 * milliseconds) / count);
    }
    return times;
  }

  dispose(): void {
    for (const buffer of [...this.buffers.values(), ...this.small]) buffer.destroy();
  }

  private gpuBuffer(name: string): GPUBuffer {
    const buffer = this.buffers.get(name);
    if (!buffer) throw new Error(`no GPU buffer is called "${name}"`);
    return buffer;
  }

  private place(name: string): Place & { gpu: GPUBuffer } {
    const at = this.placement.places.get(name);
    if (!at) throw new Error(`the plan has no buffer "${name}"`);
    return { ...at, gpu: this.gpuBuffer(at.buffer) };
  }

  /** Encodes a copy to a buffer that the host can map. */
  private stage(encoder: GPUCommandEncoder, buffer: GPUBuffer, offset: number, size: number): GPUBuffer {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = this.device.createBuffer({ label: `${buffer.label} staging`, size, usage });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    return staging;
  }

  private async fetch(staging: GPUBuffer): Promise<ArrayBuffer> {
    await Promise.race([awaitDevice(this.device, staging.mapAsync(GPUMapMode.READ)), this.faults.lost]);
    this.faults.check();
    const bytes = staging.getMappedRange().slice(0);
    staging.destroy();
    return bytes;
  }
}

function encode(pass: GPUComputePassEncoder, { pipeline, operands, grid }: Dispatch, rows: number): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, operands);
  pass.dispatchWorkgroups(...grid(rows));
}
