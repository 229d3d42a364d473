// What a report says of where it was made.
import type { EngineInfo } from '../engine/engine.ts';
import type { Host } from '../engine/host.ts';
import type { Environment } from '../training/report.ts';

export function environmentOf(host: Host, { backend, adapter, threads, simd }: EngineInfo): Environment {
  return { runtime: host.runtime, userAgent: host.userAgent, backend, adapter, threads, simd };
}
