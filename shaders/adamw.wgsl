// m ← flush(m + (1−β₁)(g − m)); v ← flush(v + (1−β₂)(g² − v));
// p ← flush(p − step.learningRate·(c₁(m + lookahead·(g − m)) / (√(c₂v) + ε) + weightDecay·p)).

struct Constants {
  count: u32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
  lookahead: f32,
  weightDecay: f32,
  parameterAt: u32,
  gradientAt: u32,
  moment1At: u32,
  moment2At: u32,
}

struct Step {
  rows: u32,
  first: u32,
  number: u32,
  slot: u32,
  learningRate: f32,
  correction1: f32,
  correction2: f32,
  distortion: f32,
}

@group(0) @binding(0) var<storage, read_write> parameters: array<f32>; // parameter [count]
@group(0) @binding(1) var<storage, read> parameterGradients: array<f32>; // gradient [count]
@group(0) @binding(2) var<storage, read_write> state1: array<f32>; // moment1 [count]
@group(0) @binding(3) var<storage, read_write> state2: array<f32>; // moment2 [count]
@group(0) @binding(4) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 64;
// FLUSH_THRESHOLD in src/network/kernels.ts.
const FLUSH_THRESHOLD: f32 = 1e-30;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < constants.count; i += groups.x * WORKGROUP) {
    let p = parameters[constants.parameterAt + i];
    let g = parameterGradients[constants.gradientAt + i];
    let m0 = state1[constants.moment1At + i];
    let v0 = state2[constants.moment2At + i];
    let m = flush(m0 + constants.oneMinusBeta1 * (g - m0));
    let v = flush(v0 + constants.oneMinusBeta2 * (g * g - v0));
    state1[constants.moment1At + i] = m;
    state2[constants.moment2At + i] = v;
    let followed = m + constants.lookahead * (g - m);
    let change = step.correction1 * followed / (sqrt(step.correction2 * v) + constants.epsilon);
    parameters[constants.parameterAt + i] =
      flush(p - step.learningRate * (change + constants.weightDecay * p));
  }
}

// What is too small to matter is zero, or states would decay into subnormal numbers. NaN stays NaN.
fn flush(x: f32) -> f32 {
  return select(x, 0.0, abs(x) < FLUSH_THRESHOLD);
}
