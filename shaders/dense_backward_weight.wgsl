// dkernel = xᵀ·dy and dbias = the sum of dy over the rows, of one layer or of several; fused, the optimizer
// takes them at once. As dense_forward.wgsl; the workgroups of the first inputs sum dbias as well.

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

@group(0) @binding(0) var<storage, read> activations: array<vec4f>; // of each layer x [rows, quads of inputs]
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>; // of each layer dy [rows, quads of units]
// of each layer kernel [inputs, quads of units], bias [quads of units]
@group(0) @binding(2) var<storage, read_write> parameters: array<vec4f>;
// velocity or first moment, as parameters
@group(0) @binding(3) var<storage, read_write> state1: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> state2: array<vec4f>; // second moment, as parameters
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

// An invocation keeps 4 × 4 sums of its slice: a quad of inputs and one of units.
const COLUMNS: u32 = 8;
const ROWS: u32 = 8;
// Each sum is taken in so many parts side by side (split-K within a workgroup), so that a small output
// keeps a whole workgroup busy.
const SLICES: u32 = 4;
const INVOCATIONS: u32 = COLUMNS * ROWS * SLICES;
// Quads of units, and of inputs, of a workgroup.
const WIDTH: u32 = COLUMNS;
const HEIGHT: u32 = ROWS;
// Rows that are staged at once: constant indices need no check of their bounds.
const DEPTH: u32 = 32;
// Parts of the sums of dbias, side by side.
const PARTS: u32 = INVOCATIONS / WIDTH;

// What products are computed of; sums are float32. In float16 gradients are scaled, or the small ones would
// be lost.
alias scalar = f32;
alias quad = vec4<scalar>;
const GRADIENT_SCALE: f32 = 1024;

var<workgroup> left: array<array<quad, HEIGHT>, DEPTH>; // four inputs of a row of x
var<workgroup> right: array<array<quad, WIDTH>, DEPTH>; // four units of a row of dy
var<workgroup> biases: array<array<vec4f, WIDTH>, PARTS>;
var<workgroup> parts: array<Sums, COLUMNS * ROWS>; // of one slice

@compute @workgroup_size(COLUMNS, ROWS, SLICES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let layer = layerOf(group.x);
  let columns = (quadsOf(layer.units) + WIDTH - 1) / WIDTH;
  let tile = group.x - layer.first;
  let unit = tile % columns * WIDTH;
  let input = tile / columns * HEIGHT;
  var sums: Sums;
  for (var first = 0u; first < step.rows; first += DEPTH) {
    for (var n = index; n < DEPTH * HEIGHT; n += INVOCATIONS) {
      left[n / HEIGHT][n % HEIGHT] = quad(inputs(layer, first + n / HEIGHT, input + n % HEIGHT));
    }
    for (var n = index; n < DEPTH * WIDTH; n += INVOCATIONS) {
      right[n / WIDTH][n % WIDTH] = quad(GRADIENT_SCALE * units(layer, first + n / WIDTH, unit + n % WIDTH));
    }
    workgroupBarrier();
    let row = 8 * local.z;
    add(&sums, left[row][local.y], right[row][local.x]);
    add(&sums, left[row + 1][local.y], right[row + 1][local.x]);
    add(&sums, left[row + 2][local.y], right[row + 2][local.x]);
    add(&sums, left[row + 3][local.y], right[row + 3][local.x]);
    add(&sums, left[row + 4][local.y], right[row + 4][local.x]);
    add(&sums, left[row + 5][local.y], right[row + 5][local.x]);
    add(&sums, left[row + 6][local.y], right[row + 6][local.x]);
    add(&sums, left[row + 7][local.y], right[row + 7][local.x]);
    workgroupBarrier();
  }
  // The first slice's invocations add up the sums of all slices, always in the same order.
  let place = local.y * COLUMNS + local.x;
  for (var slice = 1u; slice < SLICES; slice++) {
    if (local.z == slice) {
      parts[place] = sums;
    }
    workgroupBarrier();
    if (local.z == 0) {
      sums[0] += parts[place][0];
      sums[1] += parts[place][1];
      sums[2] += parts[place][2];
      sums[3] += parts[place][3];
    }
    workgroupBarrier();
  }
  if (local.z == 0) {
    // A loop, as shaders that are compiled for a processor take their time with every line.
    for (var i = 0u; i < 4; i++) {
      takeKernel(layer, sums[0], 4 * (input + local.y) + i, unit + local.x);
      sums[0] = sums[1];
      sums[1] = sums[2];
      sums[2] = sums[3];
    }
  }
  if (input == 0) {
    takeBias(layer, unit, index);
  }
}

// For each input of an invocation.
alias Sums = array<vec4f, 4>;

// One row's products.
fn add(sums: ptr<function, Sums>, x0: quad, y0: quad) {
  let b = vec4f(y0);
  let a0 = vec4f(x0);
  (*sums)[0] += a0.x * b;
  (*sums)[1] += a0.y * b;
  (*sums)[2] += a0.z * b;
  (*sums)[3] += a0.w * b;
}

// Four inputs of one row; nothing past the last row.
fn inputs(layer: Layer, row: u32, input: u32) -> vec4f {
  if (row >= step.rows) {
    return vec4f();
  }
  return activations[layer.xAt / 4 + row * quadsOf(layer.inputs) + input];
}

// Four units of one row; nothing past the last row.
fn units(layer: Layer, row: u32, unit: u32) -> vec4f {
  if (row >= step.rows) {
    return vec4f();
  }
  return gradients[layer.dyAt / 4 + row * quadsOf(layer.units) + unit];
}

// The layer whose workgroup this is.
fn layerOf(group: u32) -> Layer {
  var at = 0u;
  while (at + 1 < constants.layers && group >= layers[at + 1].first) {
    at++;
  }
  return layers[at];
}

// Stores gradients in place of the parameters, or has the optimizer take them: shaders/sgd.wgsl,
// shaders/adamw.wgsl.
fn take(at: u32, gradient: vec4f, decay: f32) {
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

// Four units that begin at a quad of them.
fn takeKernel(layer: Layer, sum: vec4f, input: u32, unit: u32) {
  let quads = quadsOf(layer.units);
  if (input < layer.inputs && unit < quads) {
    take(layer.kernelAt / 4 + input * quads + unit, sum / GRADIENT_SCALE, constants.weightDecay);
  }
}

// The sums of dy over the rows, in PARTS that are then added in order.
fn takeBias(layer: Layer, unit: u32, index: u32) {
  let quads = quadsOf(layer.units);
  let at = layer.dyAt / 4 + unit + index % WIDTH;
  var sum = vec4f();
  for (var r = index / WIDTH; r < step.rows; r += PARTS) {
    sum += gradients[at + r * quads];
  }
  biases[index / WIDTH][index % WIDTH] = sum;
  workgroupBarrier();
  if (index < WIDTH && unit + index < quads) {
    for (var part = 1u; part < PARTS; part++) {
      sum += biases[part][index];
    }
    take(layer.biasAt / 4 + unit + index, sum, 0.0);
  }
}

// What is too small to matter is zero, or states would decay into subnormal numbers. NaN stays NaN.
fn flush(x: vec4f) -> vec4f {
  return select(x, vec4f(), abs(x) < vec4f(FLUSH_THRESHOLD));
}

// Quads that a row of so many elements takes.
fn quadsOf(width: u32) -> u32 {
  return (width + 3) / 4;
}
