// What can be measured, and of which engine: known without loading what measures it.

export const SUITES = [
  'kernels',
  'step',
  'epoch',
  'inference',
  'start',
  'memory',
  'time-to-accuracy',
] as const;
export type Suite = (typeof SUITES)[number];

export const BENCH_BACKENDS = ['wasm', 'webgpu'] as const;
export type BenchBackend = (typeof BENCH_BACKENDS)[number];
