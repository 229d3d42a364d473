// One plan on a device: its buffers, its dispatches bound to pipelines, and the runs of steps.
import { titleOf } from '../../network/cost.ts';
import {
  BYTES_PER_ELEMENT,
  checkWrite,
  MAX_STEPS_PER_RUN,
  PHASES,
  type Phase,
  type Plan,
  sizeOf,
  type TypedArray,
  typedArray,
} from '../../network/plan.ts';
import { packWords, STEP_BYTES, STEP_FIELDS, type Step } from '../../network/step.ts';
import type { Executor } from '../engine.ts';
import type { KernelTime, Profiler } from '../profile.ts';
import { gathered, spread, wholeWords } from './arenas.ts';
import { boundBuffers, constantsOf } from './dispatch.ts';
import type { Faults } from './faults.ts';
import { endlessLoop, GUARD_BINDING } from './guard.ts';
import { layersTable } from './kernels/dense_backward_weight.ts';
import { type WgslCall, wgslKernel } from './kernels/index.ts';
import type { Grid, Variant } from './kernels/kernel.ts';
import type { Tile } from './kernels/tiles.ts';
import type { Place, Placement } from './place.ts';
import { Readback } from './readback.ts';
import { timesOf } from './timing.ts';

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

/**
 * Steps that are submitted together: few enough that the device starts early, enough to make a submit cheap.
 */
const STEPS_PER_SUBMIT = 64;

/** The buffer of the loops' guard. */
const GUARD = 'guard';

export class WebgpuExecutor implements Executor, Profiler {
  readonly plan: Plan;
  private readonly placement: Placement;
  private readonly device: GPUDevice;
  private readonly faults: Faults;
  private readonly readback: Readback;
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
    guarded = false,
  ) {
    this.plan = plan;
    this.placement = placement;
    this.device = device;
    this.faults = faults;
    this.readback = new Readback(device, faults);
    this.stepStride = Math.max(STEP_BYTES, device.limits.minUniformBufferOffsetAlignment);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const create = (label: string, size: number, more = 0) =>
      this.buffers.set(label, device.createBuffer({ label, size, usage: usage | more }));
    for (const [label, size] of placement.sizes) create(label, size);
    create('steps', MAX_STEPS_PER_RUN * this.stepStride, GPUBufferUsage.UNIFORM);
    for (const label of ['unused1', 'unused2']) create(label, 16);
    const entries: GPUBindGroupEntry[] = [
      { binding: 0, resource: { buffer: this.gpuBuffer('steps'), size: STEP_BYTES } },
    ];
    if (guarded) {
      create(GUARD, 4);
      entries.push({ binding: GUARD_BINDING, resource: { buffer: this.gpuBuffer(GUARD) } });
    }
    this.stepGroup = device.createBindGroup({ layout: stepLayout, entries });
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
    const values = at.width < at.stride ? spread(data, this.plan.buffers[buffer].type, at) : data;
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
    const staging = this.readback.stage(encoder, at.gpu, at.offset, at.size);
    this.device.queue.submit([encoder.finish()]);
    const bytes = await this.readback.fetch(staging);
    await this.checkGuard();
    if (at.width === at.stride) return typedArray(spec.type, bytes, 0, sizeOf(spec));
    const elements = bytes.byteLength / BYTES_PER_ELEMENT[spec.type];
    return gathered(typedArray(spec.type, bytes, 0, elements), spec.type, at);
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
    const staging = this.readback.stage(encoder, gpu, offset, 8 * steps.length);
    queue.submit([encoder.finish()]);
    const metrics = new Float32Array(await this.readback.fetch(staging));
    await this.checkGuard();
    return metrics;
  }

  /** @throws InputError if a loop had to be ended */
  private async checkGuard(): Promise<void> {
    const guard = this.buffers.get(GUARD);
    if (!guard) return;
    const encoder = this.device.createCommandEncoder();
    const staging = this.readback.stage(encoder, guard, 0, 4);
    this.device.queue.submit([encoder.finish()]);
    const [line] = new Uint32Array(await this.readback.fetch(staging));
    if (line > 0) throw endlessLoop(line);
  }

  async profile(phase: Phase, step: Step): Promise<KernelTime[]> {
    const dispatches = this.dispatches.get(phase)!;
    const records = new DataView(new ArrayBuffer(this.stepStride));
    packWords(STEP_FIELDS, step, records);
    this.device.queue.writeBuffer(this.gpuBuffer('steps'), 0, records.buffer as ArrayBuffer);
    const { device, readback } = this;
    const milliseconds = await timesOf(
      { device, readback, fence: this.gpuBuffer('steps') },
      dispatches.map((dispatch) => (pass) => {
        pass.setBindGroup(1, this.stepGroup, [0]);
        encode(pass, dispatch, step.rows);
      }),
    );
    return dispatches.map(({ chosen: { call, variant } }, index) => ({
      kernel: titleOf(call.kernel, call.constants, call.layers),
      ...(wgslKernel(call.kernel).variants.length > 1 && { variant: variant.name }),
      milliseconds: milliseconds[index],
      ...wgslKernel(call.kernel).cost(call, step.rows),
    }));
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
}

function encode(pass: GPUComputePassEncoder, { pipeline, operands, grid }: Dispatch, rows: number): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, operands);
  pass.dispatchWorkgroups(...grid(rows));
}
