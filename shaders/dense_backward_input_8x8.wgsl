// dx = (dy·kernelᵀ) · the derivative of the activation and dropout that made x. As
// dense_forward_8x8.wgsl; the kernel is transposed when it is staged.

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

// An invocation keeps 8 × 8 sums: rows that lie ROWS apart, and two quads of inputs.
const COLUMNS: u32 = 8;
const ROWS: u32 = 8;
const INVOCATIONS: u32 = COLUMNS * ROWS;
// Quads of inputs of a workgroup.
const WIDTH: u32 = 2 * COLUMNS;
// Rows of the product of a workgroup.
const HEIGHT: u32 = 8 * ROWS;
// Quads of units that are staged at once.
const DEPTH: u32 = 4;

// What products are computed of; sums are float32. In float16 gradients are scaled, or the small ones would
// be lost.
alias scalar = f32;
alias quad = vec4<scalar>;
const GRADIENT_SCALE: f32 = 1024;

var<workgroup> left: array<array<quad, DEPTH>, HEIGHT>; // four units of a row of dy
var<workgroup> right: array<array<quad, WIDTH>, 4 * DEPTH>; // four inputs of a unit's weights

// Activations: src/network/activation.ts.
const RELU: u32 = 1;
const LEAKY_RELU: u32 = 2;
const TANH: u32 = 3;
const SIGMOID: u32 = 4;
// The slope of LEAKY_RELU below zero.
const LEAK: f32 = 0.2;

@compute @workgroup_size(COLUMNS, ROWS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let input = group.x * WIDTH;
  let row = group.y * HEIGHT;
  var s0 = mat2x4f();
  var s1 = mat2x4f();
  var s2 = mat2x4f();
  var s3 = mat2x4f();
  var s4 = mat2x4f();
  var s5 = mat2x4f();
  var s6 = mat2x4f();
  var s7 = mat2x4f();
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
    for (var k = 0u; k < DEPTH; k++) {
      let b0 = mat2x4f(vec4f(right[4 * k][local.x]), vec4f(right[4 * k][local.x + COLUMNS]));
      let b1 = mat2x4f(vec4f(right[4 * k + 1][local.x]), vec4f(right[4 * k + 1][local.x + COLUMNS]));
      let b2 = mat2x4f(vec4f(right[4 * k + 2][local.x]), vec4f(right[4 * k + 2][local.x + COLUMNS]));
      let b3 = mat2x4f(vec4f(right[4 * k + 3][local.x]), vec4f(right[4 * k + 3][local.x + COLUMNS]));
      s0 = add(s0, left[local.y][k], b0, b1, b2, b3);
      s1 = add(s1, left[local.y + ROWS][k], b0, b1, b2, b3);
      s2 = add(s2, left[local.y + 2 * ROWS][k], b0, b1, b2, b3);
      s3 = add(s3, left[local.y + 3 * ROWS][k], b0, b1, b2, b3);
      s4 = add(s4, left[local.y + 4 * ROWS][k], b0, b1, b2, b3);
      s5 = add(s5, left[local.y + 5 * ROWS][k], b0, b1, b2, b3);
      s6 = add(s6, left[local.y + 6 * ROWS][k], b0, b1, b2, b3);
      s7 = add(s7, left[local.y + 7 * ROWS][k], b0, b1, b2, b3);
    }
    workgroupBarrier();
  }
  // A loop, as shaders that are compiled for a processor take their time with every line.
  for (var r = 0u; r < 8; r++) {
    finish(s0, row + local.y + r * ROWS, input + local.x);
    s0 = s1;
    s1 = s2;
    s2 = s3;
    s3 = s4;
    s4 = s5;
    s5 = s6;
    s6 = s7;
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
fn add(sum: mat2x4f, a: quad, b0: mat2x4f, b1: mat2x4f, b2: mat2x4f, b3: mat2x4f) -> mat2x4f {
  let four = vec4f(a);
  var s = sum;
  s += four.x * b0;
  s += four.y * b1;
  s += four.z * b2;
  s += four.w * b3;
  return s;
}

fn finish(sums: mat2x4f, row: u32, input: u32) {
  store(sums[0], row, input);
  store(sums[1], row, input + COLUMNS);
}

// Four inputs that begin at a quad of them.
fn store(sum: vec4f, row: u32, input: u32) {
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
