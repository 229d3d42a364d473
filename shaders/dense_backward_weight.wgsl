// dkernel = xᵀ·dy and dbias = the sum of dy over the rows, of one layer or of several; fused, the optimizer
// takes them at once. Staged in workgroup memory as dense_forward.wgsl is; the invocations of the first
// inputs sum dbias as well.

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
  // SGD's; the next three are AdamW's.
  momentum: f32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
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
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>; // of each layer kernel [inputs, units], bias [units]
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

// A workgroup computes a tile of TILE × TILE; its invocations keep 4 × 4 each. The sum is taken in SLICES
// parts side by side (split-K within a workgroup), so that a small output keeps a whole workgroup busy.
const TILE: u32 = 64;
const SLICES: u32 = 1;
const SIDE: u32 = TILE / 4;
const INVOCATIONS: u32 = SIDE * SIDE * SLICES;
// Terms of the sum that are staged at once.
const SLICE: u32 = 16;
const DEPTH: u32 = SLICE * SLICES;
const QUADS: u32 = DEPTH * SIDE;
const SUMS: u32 = select(1, SIDE * SIDE, SLICES > 1);

// What products are computed of; sums are float32. In float16 gradients are scaled, or the small ones would
// be lost.
alias scalar = f32;
alias quad = vec4<scalar>;
const GRADIENT_SCALE: f32 = 1024;

var<workgroup> left: array<quad, QUADS>; // [DEPTH][SIDE] of four inputs of x
var<workgroup> right: array<quad, QUADS>; // [DEPTH][SIDE] of four units of dy
var<workgroup> sums: array<mat2x4f, SUMS>; // of one slice, half a tile

@compute @workgroup_size(SIDE, SIDE, SLICES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let layer = layerOf(group.x);
  let columns = (layer.units + TILE - 1) / TILE;
  let tile = group.x - layer.first;
  let unit = tile % columns * TILE;
  let input = tile / columns * TILE;
  var sum = mat4x4f();
  for (var first = 0u; first < step.rows; first += DEPTH) {
    for (var n = index; n < QUADS; n += INVOCATIONS) {
      let row = first + n / SIDE;
      let four = n % SIDE;
      left[n] = quad(inputs(layer, row, input + 4 * four));
      right[n] = quad(GRADIENT_SCALE * units(layer, row, unit + 4 * four));
    }
    workgroupBarrier();
    sum = multiply(sum, local);
    workgroupBarrier();
  }
  sum = combine(sum, local);
  if (local.z == 0) {
    for (var i = 0u; i < 4; i++) {
      for (var c = 0u; c < 4; c++) {
        takeKernel(layer, sum[i][c] / GRADIENT_SCALE, input + 4 * local.y + i, unit + 4 * local.x + c);
      }
    }
  }
  if (input == 0 && index < TILE) {
    takeBias(layer, unit + index);
  }
}

// Four inputs of one row; nothing past the last row.
fn inputs(layer: Layer, row: u32, input: u32) -> vec4f {
  if (row >= step.rows) {
    return vec4f();
  }
  let at = layer.xAt + row * layer.inputs + input;
  return vec4f(activations[at], activations[at + 1], activations[at + 2], activations[at + 3]);
}

// Four units of one row; nothing past the last row.
fn units(layer: Layer, row: u32, unit: u32) -> vec4f {
  if (row >= step.rows) {
    return vec4f();
  }
  let at = layer.dyAt + row * layer.units + unit;
  return vec4f(gradients[at], gradients[at + 1], gradients[at + 2], gradients[at + 3]);
}

// The sums of this invocation's slice over what is staged.
fn multiply(sum: mat4x4f, local: vec3u) -> mat4x4f {
  var s0 = sum[0];
  var s1 = sum[1];
  var s2 = sum[2];
  var s3 = sum[3];
  var at = local.z * SLICE * SIDE;
  for (var k = 0u; k < SLICE; k++) {
    let a = vec4f(left[at + local.y]);
    let b = vec4f(right[at + local.x]);
    s0 += a.x * b;
    s1 += a.y * b;
    s2 += a.z * b;
    s3 += a.w * b;
    at += SIDE;
  }
  return mat4x4f(s0, s1, s2, s3);
}

// The first slice's invocations get the sums of all slices, always in the same order.
fn combine(sum: mat4x4f, local: vec3u) -> mat4x4f {
  var total = sum;
  let at = local.y * SIDE + local.x;
  for (var slice = 1u; slice < SLICES; slice++) {
    if (local.z == slice) {
      sums[at] = mat2x4f(sum[0], sum[1]);
    }
    workgroupBarrier();
    if (local.z == 0) {
      total += mat4x4f(sums[at][0], sums[at][1], vec4f(), vec4f());
    }
    workgroupBarrier();
    if (local.z == slice) {
      sums[at] = mat2x4f(sum[2], sum[3]);
    }
    workgroupBarrier();
    if (local.z == 0) {
      total += mat4x4f(vec4f(), vec4f(), sums[at][0], sums[at][1]);
    }
    workgroupBarrier();
  }
  return total;
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
    let change = step.correction1 * m / (sqrt(step.correction2 * v) + constants.epsilon);
    parameters[at] = flush(p - step.learningRate * (change + decay * p));
  } else {
    parameters[at] = gradient;
  }
}

fn takeKernel(layer: Layer, sum: f32, input: u32, unit: u32) {
  if (input < layer.inputs && unit < layer.units) {
    take(layer.kernelAt + input * layer.units + unit, sum, constants.weightDecay);
  }
}

// The sum of dy over the rows.
fn takeBias(layer: Layer, unit: u32) {
  if (unit >= layer.units) {
    return;
  }
  var sum = 0.0;
  for (var r = 0u; r < step.rows; r++) {
    sum += gradients[layer.dyAt + r * layer.units + unit];
  }
  take(layer.biasAt + unit, sum, 0.0);
}

// What is too small to matter is zero, or states would decay into subnormal numbers. NaN stays NaN.
fn flush(x: f32) -> f32 {
  return select(x, 0.0, abs(x) < FLUSH_THRESHOLD);
}
