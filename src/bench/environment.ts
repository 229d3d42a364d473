// Where a benchmark ran: what a reader must know to compare it with another.
import { version } from '../../package.json';
import type { Host } from '../engine/host.ts';
import { openDevice } from '../engine/webgpu/device.ts';
import { messageOf } from '../errors.ts';
import type { BenchEnvironment } from './report.ts';

export async function describeEnvironment(host: Host, clock: number): Promise<BenchEnvironment> {
  const { runtime, userAgent, processors, threadsUnavailable } = host;
  return {
    runtime,
    userAgent,
    processors,
    isolated: threadsUnavailable === undefined,
    clock,
    ...(await adapterOf(host)),
    ...(await host.machine?.()),
    date: new Date().toISOString(),
    version,
    commit: import.meta.env.COMMIT ?? 'unknown',
  };
}

async function adapterOf(host: Host): Promise<Pick<BenchEnvironment, 'adapter' | 'features'>> {
  try {
    const { device, name } = await openDevice(host);
    const features = [...device.features];
    device.destroy();
    return { adapter: name, features };
  } catch (error) {
    return { adapter: `none: ${messageOf(error)}`, features: [] };
  }
}

/** Milliseconds: browsers make their clocks coarse. The smallest difference of many that is not zero. */
export function clockStep(): number {
  let smallest = Infinity;
  for (let n = 0; n < 50; n++) {
    const begin = performance.now();
    let end = begin;
    while (end === begin) end = performance.now();
    smallest = Math.min(smallest, end - begin);
  }
  return smallest;
}
