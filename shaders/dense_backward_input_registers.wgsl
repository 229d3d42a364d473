// dense_backward_input without workgroup memory: each invocation keeps 16 rows × 8 inputs in registers, as
// dense_forward_registers.wgsl does.

struct Constants {
  inputs: u32,
  units: u32,
  activation: u32,
  scale: f32,
  dyAt: u32,
  kernelAt: u32,
  xAt: u32,
  dxAt: u32,
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

// dy [rows, units] at dyAt, dx [rows, inputs] at dxAt
@group(0) @binding(0) var<storage, read_write> gradients: array<f32>;
@group(0) @binding(1) var<storage, read> parameters: array<f32>; // kernel [inputs, units]
@group(0) @binding(2) var<storage, read> activations: array<f32>; // x [rows, inputs]
@group(0) @binding(3) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// A workgroup's tile: its invocations are LANES inputs apart in one direction, and one below the other.
const LANES: u32 = 4;
const DEEP: u32 = 2;
const INPUTS: u32 = 8 * LANES;
const ROWS: u32 = 16 * DEEP;

// Activations: src/network/activation.ts.
const RELU: u32 = 1;
const LEAKY_RELU: u32 = 2;
const TANH: u32 = 3;
const SIGMOID: u32 = 4;
// The slope of LEAKY_RELU below zero.
const LEAK: f32 = 0.2;

@compute @workgroup_size(LANES, DEEP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let units = stride(constants.units);
  let input = group.x * INPUTS + local.x;
  let row = group.y * ROWS + local.y * 16;
  if (row >= step.rows) {
    return;
  }
  let dy0 = constants.dyAt + row * units;
  let dy1 = dy0 + units;
  let dy2 = dy1 + units;
  let dy3 = dy2 + units;
  let dy4 = dy3 + units;
  let dy5 = dy4 + units;
  let dy6 = dy5 + units;
  let dy7 = dy6 + units;
  let dy8 = dy7 + units;
  let dy9 = dy8 + units;
  let dy10 = dy9 + units;
  let dy11 = dy10 + units;
  let dy12 = dy11 + units;
  let dy13 = dy12 + units;
  let dy14 = dy13 + units;
  let dy15 = dy14 + units;
  let k0 = constants.kernelAt + input * units;
  let k1 = k0 + LANES * units;
  let k2 = k1 + LANES * units;
  let k3 = k2 + LANES * units;
  let k4 = k3 + LANES * units;
  let k5 = k4 + LANES * units;
  let k6 = k5 + LANES * units;
  let k7 = k6 + LANES * units;
  var sum0 = mat2x4f();
  var sum1 = mat2x4f();
  var sum2 = mat2x4f();
  var sum3 = mat2x4f();
  var sum4 = mat2x4f();
  var sum5 = mat2x4f();
  var sum6 = mat2x4f();
  var sum7 = mat2x4f();
  var sum8 = mat2x4f();
  var sum9 = mat2x4f();
  var sum10 = mat2x4f();
  var sum11 = mat2x4f();
  var sum12 = mat2x4f();
  var sum13 = mat2x4f();
  var sum14 = mat2x4f();
  var sum15 = mat2x4f();

  for (var u = 0u; u < constants.units; u++) {
    let w = mat2x4f(
      parameters[k0 + u],
      parameters[k1 + u],
      parameters[k2 + u],
      parameters[k3 + u],
      parameters[k4 + u],
      parameters[k5 + u],
      parameters[k6 + u],
      parameters[k7 + u],
    );
    sum0 += gradients[dy0 + u] * w;
    sum1 += gradients[dy1 + u] * w;
    sum2 += gradients[dy2 + u] * w;
    sum3 += gradients[dy3 + u] * w;
    sum4 += gradients[dy4 + u] * w;
    sum5 += gradients[dy5 + u] * w;
    sum6 += gradients[dy6 + u] * w;
    sum7 += gradients[dy7 + u] * w;
    sum8 += gradients[dy8 + u] * w;
    sum9 += gradients[dy9 + u] * w;
    sum10 += gradients[dy10 + u] * w;
    sum11 += gradients[dy11 + u] * w;
    sum12 += gradients[dy12 + u] * w;
    sum13 += gradients[dy13 + u] * w;
    sum14 += gradients[dy14 + u] * w;
    sum15 += gradients[dy15 + u] * w;
  }

  // In a loop, which is compiled in half the time.
  var sums = array(
    sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7,
    sum8, sum9, sum10, sum11, sum12, sum13, sum14, sum15,
  );
  for (var r = 0u; r < 16u; r++) {
    store(sums[r], row + r, input);
  }
}

fn store(sum: mat2x4f, row: u32, input: u32) {
  for (var c = 0u; c < 4; c++) {
    finish(sum[0][c], row, input + c * LANES);
    finish(sum[1][c], row, input + (c + 4) * LANES);
  }
}

fn finish(sum: f32, row: u32, input: u32) {
  if (row >= step.rows || input >= constants.inputs) {
    return;
  }
  let at = row * stride(constants.inputs) + input;
  gradients[constants.dxAt + at] = derive(sum, activations[constants.xAt + at]);
}

// What becomes of a gradient on its way through the dropout and the activation that made x. Where units are
// dropped, an output that is zero counts as dropped.
fn derive(dy: f32, x: f32) -> f32 {
  let a = x / constants.scale;
  var d = 1.0;
  switch (constants.activation) {
    case RELU: {
      d = select(0.0, 1.0, x > 0.0);
    }
    case LEAKY_RELU: {
      d = select(LEAK, 1.0, x > 0.0);
    }
    case TANH: {
      d = 1 - a * a;
    }
    case SIGMOID: {
      d = a * (1 - a);
    }
    default: {}
  }
  let passes = (d != 0.0) & ((constants.scale == 1) | (x != 0.0));
  return select(0.0, dy * (d * constants.scale), passes);
}

// From one row of a buffer to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
