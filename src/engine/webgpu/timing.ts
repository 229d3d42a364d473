// How long each dispatch of a step takes: again and again, until timestamps of the device, or without them
// the clock, can tell.
import type { Readback } from './readback.ts';

/** Encodes one dispatch. */
export type Encode = (pass: GPUComputePassEncoder) => void;

/** What a dispatch is timed over where there are no timestamps. */
const CLOCK_MILLISECONDS = 20;

/**
 * What it is timed over where there are: browsers and Dawn round them to 65 or 100 µs
 * (https://www.w3.org/TR/webgpu/#timestamp).
 */
const TIMESTAMP_MILLISECONDS = 2;

/** Dispatches between two timestamps, at most. */
const MAX_TIMED = 1000;

export interface Timing {
  readonly device: GPUDevice;
  readonly readback: Readback;
  /** Any buffer: its copy comes after what is timed. */
  readonly fence: GPUBuffer;
}

/** @returns milliseconds of each */
export function timesOf(timing: Timing, dispatches: readonly Encode[]): Promise<number[]> {
  return timing.device.features.has('timestamp-query')
    ? timestamps(timing, dispatches)
    : clocked(timing, dispatches);
}

async function timestamps(timing: Timing, dispatches: readonly Encode[]): Promise<number[]> {
  const once = dispatches.map(() => 1);
  const roughly = await stamped(timing, dispatches, once);
  const counts = roughly.map((time) =>
    Math.ceil(Math.min(TIMESTAMP_MILLISECONDS / Math.max(time, 1e-6), MAX_TIMED)),
  );
  if (counts.every((count) => count === 1)) return roughly;
  const times = await stamped(timing, dispatches, counts);
  return times.map((time, index) => time / counts[index]);
}

/** Milliseconds of each dispatch, as many times as asked, between two timestamps. */
async function stamped(
  { device, readback }: Timing,
  dispatches: readonly Encode[],
  counts: readonly number[],
): Promise<number[]> {
  const count = 2 * dispatches.length;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
  const resolved = device.createBuffer({ label: 'timestamps', size: 8 * count, usage });
  const encoder = device.createCommandEncoder();
  for (const [index, encode] of dispatches.entries()) {
    const pass = encoder.beginComputePass({
      timestampWrites: {
        querySet,
        beginningOfPassWriteIndex: 2 * index,
        endOfPassWriteIndex: 2 * index + 1,
      },
    });
    for (let n = 0; n < counts[index]; n++) encode(pass);
    pass.end();
  }
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  const staging = readback.stage(encoder, resolved, 0, 8 * count);
  device.queue.submit([encoder.finish()]);
  const times = new BigUint64Array(await readback.fetch(staging));
  querySet.destroy();
  resolved.destroy();
  return dispatches.map((_, index) => Number(times[2 * index + 1] - times[2 * index]) / 1e6);
}

async function clocked(
  { device, readback, fence }: Timing,
  dispatches: readonly Encode[],
): Promise<number[]> {
  const times: number[] = [];
  for (const encode of dispatches) {
    let count = 1;
    let milliseconds = 0;
    for (; milliseconds < CLOCK_MILLISECONDS; count *= 2) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let n = 0; n < count; n++) encode(pass);
      pass.end();
      const staging = readback.stage(encoder, fence, 0, 4);
      const begin = performance.now();
      device.queue.submit([encoder.finish()]);
      await readback.fetch(staging);
      milliseconds = performance.now() - begin;
    }
    times.push((2 * milliseconds) / count);
  }
  return times;
}
