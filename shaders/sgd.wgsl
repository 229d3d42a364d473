// v ← flush(momentum·v + g); p ← flush(p − step.learningRate·(v + weightDecay·p)).

struct Constants {
  count: u32,
  momentum: f32,
  weightDecay: f32,
  parameterAt: u32,
  gradientAt: u32,
  velocityAt: u32,
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
@group(0) @binding(2) var<storage, read_write> state1: array<f32>; // velocity [count]
@group(0) @binding(3) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 64;
// FLUSH_THRESHOLD in src/network/kernels.ts.
const FLUSH_THRESHOLD: f32 = 1e-30;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < constants.count; i += groups.x * WORKGROUP) {
    let p = parameters[constants.parameterAt + i];
    let gradient = parameterGradients[constants.gradientAt + i];
    let v = flush(constants.momentum * state1[constants.velocityAt + i] + gradient);
    state1[constants.velocityAt + i] = v;
    parameters[constants.parameterAt + i] = flush(p - step.learningRate * (v + constants.weightDecay * p));
  }
}

// What is too small to matter is zero, or states would decay into subnormal numbers. NaN stays NaN.
fn flush(x: f32) -> f32 {
  return select(x, 0.0, abs(x) < FLUSH_THRESHOLD);
}
