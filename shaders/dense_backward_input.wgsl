// dx = (dy·kernelᵀ) · the derivative of the activation and dropout that made x. As
// dense_forward.wgsl; the kernel is transposed when it is staged.

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

// dy [rows, quads of units] at dyAt, dx [rows, quads of inputs] at dxAt
@group(0) @binding(0) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>; // kernel [inputs, quads of units]
@group(0) @binding(2) var<storage, read> activations: array<vec4f>; // x [rows, quads of inputs]
@group(0) @binding(3) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// An invocation keeps 4 × 4 sums of its slice: rows that lie ROWS apart, and a quad of inputs.
const COLUMNS: u32 = 8;
const ROWS: u32 = 8;
// Each sum is taken in so many parts side by side (split-K within a workgroup), so that a small output
// keeps a whole workgroup busy.
const SLICES: u32 = 4;
const INVOCATIONS: u32 = COLUMNS * ROWS * SLICES;
// Quads of inputs of a workgroup.
const WIDTH: u32 = COLUMNS;
// Rows of the product of a workgroup.
const HEIGHT: u32 = 4 * ROWS;
// Quads of units that are staged at once.
const DEPTH: u32 = 8;

// What products are computed of; sums are float32. In float16 gradients are scaled, or the small ones would
// be lost.
alias scalar = f32;
alias quad = vec4<scalar>;
const GRADIENT_SCALE: f32 = 1024;

var<workgroup> left: array<array<quad, DEPTH>, HEIGHT>; // four units of a row of dy
var<workgroup> right: array<array<quad, WIDTH>, 4 * DEPTH>; // four inputs of a unit's weights
var<workgroup> sums: array<array<vec4f, 4>, COLUMNS * ROWS>; // of one slice

// Activations: src/network/activation.ts.
const RELU: u32 = 1;
const LEAKY_RELU: u32 = 2;
const TANH: u32 = 3;
const SIGMOID: u32 = 4;
// The slope of LEAKY_RELU below zero.
const LEAK: f32 = 0.2;

@compute @workgroup_size(COLUMNS, ROWS, SLICES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let input = group.x * WIDTH;
  let row = group.y * HEIGHT;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  for (var first = 0u; first < quadsOf(constants.units); first += DEPTH) {
    for (var n = index; n < HEIGHT * DEPTH; n += INVOCATIONS) {
      left[n / DEPTH][n % DEPTH] = quad(GRADIENT_SCALE * units(row + n / DEPTH, first + n % DEPTH));
    }
    for (var n = index; n < DEPTH * WIDTH; n += INVOCATIONS) {
      let block = weights(4 * (input + n / DEPTH), first + n % DEPTH);
      right[4 * (n % DEPTH)][n / DEPTH] = quad(block[0]);
      right[4 * (n % DEPTH) + 1][n / DEPTH] = quad(block[1]);
      right[4 * (n % DEPTH) + 2][n / DEPTH] = quad(block[2]);
      right[4 * (n % DEPTH) + 3][n / DEPTH] = quad(block[3]);
    }
    workgroupBarrier();
    for (var part = 0u; part < DEPTH / SLICES; part++) {
      let k = part * SLICES + local.z;
      let b0 = vec4f(right[4 * k][local.x]);
      let b1 = vec4f(right[4 * k + 1][local.x]);
      let b2 = vec4f(right[4 * k + 2][local.x]);
      let b3 = vec4f(right[4 * k + 3][local.x]);
      s0 = add(s0, left[local.y][k], b0, b1, b2, b3);
      s1 = add(s1, left[local.y + ROWS][k], b0, b1, b2, b3);
      s2 = add(s2, left[local.y + 2 * ROWS][k], b0, b1, b2, b3);
      s3 = add(s3, left[local.y + 3 * ROWS][k], b0, b1, b2, b3);
    }
    workgroupBarrier();
  }
  // The first slice's invocations add up the sums of all slices, always in the same order.
  let place = local.y * COLUMNS + local.x;
  for (var slice = 1u; slice < SLICES; slice++) {
    if (local.z == slice) {
      sums[place] = array(s0, s1, s2, s3);
    }
    workgroupBarrier();
    if (local.z == 0) {
      s0 += sums[place][0];
      s1 += sums[place][1];
      s2 += sums[place][2];
      s3 += sums[place][3];
    }
    workgroupBarrier();
  }
  if (local.z == 0) {
    // A loop, as shaders that are compiled for a processor take their time with every line.
    for (var r = 0u; r < 4; r++) {
      finish(s0, row + local.y + r * ROWS, input + local.x);
      s0 = s1;
      s1 = s2;
      s2 = s3;
    }
  }
}

// Four units of one row; nothing past the last unit.
fn units(row: u32, unit: u32) -> vec4f {
  let quads = quadsOf(constants.units);
  if (unit >= quads) {
    return vec4f();
  }
  return gradients[constants.dyAt / 4 + row * quads + unit];
}

// Four inputs of each of four units; nothing past the last unit.
fn weights(input: u32, unit: u32) -> mat4x4f {
  let quads = quadsOf(constants.units);
  if (unit >= quads) {
    return mat4x4f();
  }
  let at = constants.kernelAt / 4 + input * quads + unit;
  return transpose(mat4x4f(
    parameters[at],
    parameters[at + quads],
    parameters[at + 2 * quads],
    parameters[at + 3 * quads],
  ));
}

// The sums of one row over four terms.
fn add(sum: vec4f, a: quad, b0: vec4f, b1: vec4f, b2: vec4f, b3: vec4f) -> vec4f {
  let four = vec4f(a);
  var s = sum;
  s += four.x * b0;
  s += four.y * b1;
  s += four.z * b2;
  s += four.w * b3;
  return s;
}

// Four inputs that begin at a quad of them.
fn finish(sum: vec4f, row: u32, input: u32) {
  let quads = quadsOf(constants.inputs);
  if (row >= step.rows || input >= quads) {
    return;
  }
  let at = row * quads + input;
  gradients[constants.dxAt / 4 + at] = derive(sum / GRADIENT_SCALE, activations[constants.xAt / 4 + at]);
}

// What becomes of a gradient on its way through the dropout and the activation that made x. Where units are
// dropped, an output that is zero counts as dropped.
fn derive(dy: vec4f, x: vec4f) -> vec4f {
  let a = x / constants.scale;
  var d = vec4f(1);
  switch (constants.activation) {
    case RELU: {
      d = select(vec4f(), vec4f(1), x > vec4f());
    }
    case LEAKY_RELU: {
      d = select(vec4f(LEAK), vec4f(1), x > vec4f());
    }
    case TANH: {
      d = 1 - a * a;
    }
    case SIGMOID: {
      d = a * (1 - a);
    }
    default: {}
  }
  let passes = (d != vec4f()) & (vec4<bool>(constants.scale == 1) | (x != vec4f()));
  return select(vec4f(), dy * (d * constants.scale), passes);
}

// Quads that a row of so many elements takes.
fn quadsOf(width: u32) -> u32 {
  return (width + 3) / 4;
}
