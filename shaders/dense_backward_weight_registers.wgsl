// dense_backward_weight without workgroup memory: each invocation keeps 16 inputs × 8 units in registers, as
// dense_forward_registers.wgsl does. The invocations of the first inputs sum dbias as well.

// One layer. Its kernel and bias, or their gradients, lie at the same places in `parameters` and in the
// states.
struct Layer {
  inputs: u32,
  units: u32,
  xAt: u32,
  dyAt: u32,
  kernelAt: u32,
  biasAt: u32,
  // The first workgroup of this layer.
  first: u32,
  unused: u32,
}

struct Constants {
  layers: u32,
  // SGD's; the next four are AdamW's.
  momentum: f32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
  lookahead: f32,
  // Kernels decay, biases do not.
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
  distortion: f32,
}

@group(0) @binding(0) var<storage, read> activations: array<f32>; // of each layer x [rows, inputs]
@group(0) @binding(1) var<storage, read> gradients: array<f32>; // of each layer dy [rows, units]
// of each layer kernel [inputs, units], bias [units]
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> state1: array<f32>; // velocity or first moment, as parameters
@group(0) @binding(4) var<storage, read_write> state2: array<f32>; // second moment, as parameters
@group(0) @binding(5) var<storage, read> layers: array<Layer>; // [constants.layers]
@group(0) @binding(6) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// What becomes of a gradient.
const STORE: u32 = 0;
const SGD: u32 = 1;
const ADAMW: u32 = 2;
override OPTIMIZER: u32 = STORE;
// FLUSH_THRESHOLD in src/network/kernels.ts.
const FLUSH_THRESHOLD: f32 = 1e-30;

// A workgroup's tile: its invocations are LANES units apart in one direction, and one below the other.
const LANES: u32 = 4;
const DEEP: u32 = 1;
const UNITS: u32 = 8 * LANES;
const INPUTS: u32 = 16 * DEEP;

@compute @workgroup_size(LANES, DEEP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let layer = layerOf(group.x);
  let columns = (layer.units + UNITS - 1) / UNITS;
  let tile = group.x - layer.first;
  let inputs = stride(layer.inputs);
  let units = stride(layer.units);
  let unit = tile % columns * UNITS + local.x;
  let input = tile / columns * INPUTS + local.y * 16;
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

  var x = layer.xAt + input;
  var d = layer.dyAt + unit;
  for (var r = 0u; r < step.rows; r++) {
    let dy = mat2x4f(
      gradients[d],
      gradients[d + LANES],
      gradients[d + 2 * LANES],
      gradients[d + 3 * LANES],
      gradients[d + 4 * LANES],
      gradients[d + 5 * LANES],
      gradients[d + 6 * LANES],
      gradients[d + 7 * LANES],
    );
    sum0 += activations[x] * dy;
    sum1 += activations[x + 1] * dy;
    sum2 += activations[x + 2] * dy;
    sum3 += activations[x + 3] * dy;
    sum4 += activations[x + 4] * dy;
    sum5 += activations[x + 5] * dy;
    sum6 += activations[x + 6] * dy;
    sum7 += activations[x + 7] * dy;
    sum8 += activations[x + 8] * dy;
    sum9 += activations[x + 9] * dy;
    sum10 += activations[x + 10] * dy;
    sum11 += activations[x + 11] * dy;
    sum12 += activations[x + 12] * dy;
    sum13 += activations[x + 13] * dy;
    sum14 += activations[x + 14] * dy;
    sum15 += activations[x + 15] * dy;
    x += inputs;
    d += units;
  }

  // In a loop, which is compiled in half the time.
  var sums = array(
    sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7,
    sum8, sum9, sum10, sum11, sum12, sum13, sum14, sum15,
  );
  for (var r = 0u; r < 16u; r++) {
    store(layer, sums[r], input + r, unit);
  }
  if (input == 0) {
    for (var c = 0u; c < 8; c++) {
      takeBias(layer, unit + c * LANES);
    }
  }
}

fn store(layer: Layer, sum: mat2x4f, input: u32, unit: u32) {
  for (var c = 0u; c < 4; c++) {
    takeKernel(layer, sum[0][c], input, unit + c * LANES);
    takeKernel(layer, sum[1][c], input, unit + (c + 4) * LANES);
  }
}

// The layer whose workgroup this is.
fn layerOf(group: u32) -> Layer {
  var at = 0u;
  while (at + 1 < constants.layers && group >= layers[at + 1].first) {
    at++;
  }
  return layers[at];
}

// Stores a gradient in place of the parameter, or has the optimizer take it: shaders/sgd.wgsl,
// shaders/adamw.wgsl.
fn take(at: u32, gradient: f32, decay: f32) {
  if (OPTIMIZER == SGD) {
    let p = parameters[at];
    let v = flush(constants.momentum * state1[at] + gradient);
    state1[at] = v;
    parameters[at] = flush(p - step.learningRate * (v + decay * p));
  } else if (OPTIMIZER == ADAMW) {
    let p = parameters[at];
    let m = flush(state1[at] + constants.oneMinusBeta1 * (gradient - state1[at]));
    let v = flush(state2[at] + constants.oneMinusBeta2 * (gradient * gradient - state2[at]));
    state1[at] = m;
    state2[at] = v;
    let followed = m + constants.lookahead * (gradient - m);
    let change = step.correction1 * followed / (sqrt(step.correction2 * v) + constants.epsilon);
    parameters[at] = flush(p - step.learningRate * (change + decay * p));
  } else {
    parameters[at] = gradient;
  }
}

fn takeKernel(layer: Layer, sum: f32, input: u32, unit: u32) {
  if (input < layer.inputs && unit < layer.units) {
    take(layer.kernelAt + input * stride(layer.units) + unit, sum, constants.weightDecay);
  }
}

// The sum of dy over the rows.
fn takeBias(layer: Layer, unit: u32) {
  if (unit >= layer.units) {
    return;
  }
  var sum = 0.0;
  for (var r = 0u; r < step.rows; r++) {
    sum += gradients[layer.dyAt + r * stride(layer.units) + unit];
  }
  take(layer.biasAt + unit, sum, 0.0);
}

// What is too small to matter is zero, or states would decay into subnormal numbers. NaN stays NaN.
fn flush(x: f32) -> f32 {
  return select(x, 0.0, abs(x) < FLUSH_THRESHOLD);
}

// From one row of a buffer to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
