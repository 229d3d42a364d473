// m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − step.learningRate·(c₁m / (√(c₂v) + ε) + weightDecay·p).

struct Constants {
  count: u32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  weightDecay: f32,
}

struct Step {
  rows: u32,
  first: u32,
  number: u32,
  slot: u32,
  learningRate: f32,
  correction1: f32,
  correction2: f32,
}

@group(0) @binding(0) var<storage, read_write> parameter: array<f32>; // [count]
@group(0) @binding(1) var<storage, read> gradient: array<f32>; // [count]
@group(0) @binding(2) var<storage, read_write> moment1: array<f32>; // [count]
@group(0) @binding(3) var<storage, read_write> moment2: array<f32>; // [count]
@group(0) @binding(4) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < constants.count; i += groups.x * WORKGROUP) {
    let p = parameter[i];
    let g = gradient[i];
    let m = constants.beta1 * moment1[i] + (1.0 - constants.beta1) * g;
    let v = constants.beta2 * moment2[i] + (1.0 - constants.beta2) * (g * g);
    moment1[i] = m;
    moment2[i] = v;
    let change = step.correction1 * m / (sqrt(step.correction2 * v) + constants.epsilon);
    parameter[i] = p - step.learningRate * (change + constants.weightDecay * p);
  }
}
