// m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − step.learningRate·(c₁m / (√(c₂v) + ε) + weightDecay·p).

struct Constants {
  count: u32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
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
}

@group(0) @binding(0) var<storage, read_write> parameters: array<f32>; // parameter [count]
@group(0) @binding(1) var<storage, read> parameterGradients: array<f32>; // gradient [count]
@group(0) @binding(2) var<storage, read_write> state1: array<f32>; // moment1 [count]
@group(0) @binding(3) var<storage, read_write> state2: array<f32>; // moment2 [count]
@group(0) @binding(4) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < constants.count; i += groups.x * WORKGROUP) {
    let p = parameters[constants.parameterAt + i];
    let g = parameterGradients[constants.gradientAt + i];
    let m = constants.beta1 * state1[constants.moment1At + i] + (1.0 - constants.beta1) * g;
    let v = constants.beta2 * state2[constants.moment2At + i] + (1.0 - constants.beta2) * (g * g);
    state1[constants.moment1At + i] = m;
    state2[constants.moment2At + i] = v;
    let change = step.correction1 * m / (sqrt(step.correction2 * v) + constants.epsilon);
    parameters[constants.parameterAt + i] = p - step.learningRate * (change + constants.weightDecay * p);
  }
}
