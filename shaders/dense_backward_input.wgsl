// dx = (dy·kernelᵀ) · scale where x > 0, else 0: the derivative of the ReLU and dropout that made x. Each invocation
// keeps a tile of 4 rows × 4 inputs in registers.

struct Constants {
  inputs: u32,
  units: u32,
  scale: f32,
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

@group(0) @binding(0) var<storage, read> dy: array<f32>; // [rows, units]
@group(0) @binding(1) var<storage, read> kernel: array<f32>; // [inputs, units]
@group(0) @binding(2) var<storage, read> x: array<f32>; // [rows, inputs]
@group(0) @binding(3) var<storage, read_write> dx: array<f32>; // [rows, inputs]
@group(0) @binding(4) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP_INPUTS: u32 = 8;
const WORKGROUP_ROWS: u32 = 8;

@compute @workgroup_size(WORKGROUP_INPUTS, WORKGROUP_ROWS)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let inputs = constants.inputs;
  let input = 4 * id.x + vec4u(0, 1, 2, 3);
  let row = 4 * id.y + vec4u(0, 1, 2, 3);
  if (input.x >= inputs || row.x >= step.rows) {
    return;
  }
  let kernelAt = min(input, vec4u(inputs - 1)) * constants.units;
  let dyAt = min(row, vec4u(step.rows - 1)) * constants.units;

  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var u = 0u; u < constants.units; u++) {
    let k = kernelAt + u;
    let weights = vec4f(kernel[k.x], kernel[k.y], kernel[k.z], kernel[k.w]);
    sum0 += dy[dyAt.x + u] * weights;
    sum1 += dy[dyAt.y + u] * weights;
    sum2 += dy[dyAt.z + u] * weights;
    sum3 += dy[dyAt.w + u] * weights;
  }

  store(row.x, input, sum0);
  store(row.y, input, sum1);
  store(row.z, input, sum2);
  store(row.w, input, sum3);
}

fn store(row: u32, input: vec4u, sum: vec4f) {
  if (row >= step.rows) {
    return;
  }
  for (var n = 0u; n < 4 && input[n] < constants.inputs; n++) {
    let at = row * constants.inputs + input[n];
    dx[at] = select(0.0, sum[n] * constants.scale, x[at] > 0);
  }
}
