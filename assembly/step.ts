// The per-step record that every kernel may read: STEP_FIELDS in src/network/kernels.ts.
@unmanaged
export class Step {
  rows: u32;
  first: u32;
  number: u32;
  slot: u32;
  learningRate: f32;
  correction1: f32;
  correction2: f32;
  distortion: f32;
}
