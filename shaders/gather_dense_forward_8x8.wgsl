// gather_batch and the first dense_forward in one, as dense_forward_8x8.wgsl: the four pixels of a word make
// a quad, so `inputs` is a multiple of four. targets and x are written for the kernels that follow.

struct Constants {
  inputs: u32,
  units: u32,
  activation: u32,
  dropped: u32,
  keptScale: f32,
  seed: u32,
  stream: u32,
  xAt: u32,
  kernelAt: u32,
  biasAt: u32,
  yAt: u32,
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
  distortion: f32,
}

@group(0) @binding(0) var<storage, read> images: array<u32>; // uint8 [samples, inputs], four to a word
@group(0) @binding(1) var<storage, read> labels: array<u32>; // uint8 [samples], four to a word
@group(0) @binding(2) var<storage, read> order: array<u32>; // [samples]
// x [rows, quads of inputs] at xAt, y [rows, quads of units] at yAt
@group(0) @binding(3) var<storage, read_write> activations: array<vec4f>;
// kernel [inputs, quads of units], bias [quads of units]
@group(0) @binding(4) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> targets: array<u32>; // [rows]
@group(0) @binding(6) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// Whether x is written, which only a backward pass needs.
override KEEP: bool = true;

// An invocation keeps 8 × 8 sums: rows that lie ROWS apart, and two quads of units.
const COLUMNS: u32 = 8;
const ROWS: u32 = 8;
const INVOCATIONS: u32 = COLUMNS * ROWS;
// Quads of units of a workgroup.
const WIDTH: u32 = 2 * COLUMNS;
// Rows of the product of a workgroup.
const HEIGHT: u32 = 8 * ROWS;
// Quads of inputs that are staged at once.
const DEPTH: u32 = 4;

// What products are computed of; sums are float32.
alias scalar = f32;
alias quad = vec4<scalar>;

var<workgroup> left: array<array<quad, DEPTH>, HEIGHT>; // four inputs of a row of x
var<workgroup> right: array<array<quad, WIDTH>, 4 * DEPTH>; // four units of an input's weights

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
  let unit = group.x * WIDTH;
  let row = group.y * HEIGHT;
  var s0 = mat2x4f();
  var s1 = mat2x4f();
  var s2 = mat2x4f();
  var s3 = mat2x4f();
  var s4 = mat2x4f();
  var s5 = mat2x4f();
  var s6 = mat2x4f();
  var s7 = mat2x4f();
  for (var first = 0u; first < quadsOf(constants.inputs); first += DEPTH) {
    for (var n = index; n < HEIGHT * DEPTH; n += INVOCATIONS) {
      left[n / DEPTH][n % DEPTH] = quad(pixels(row + n / DEPTH, first + n % DEPTH, KEEP && group.x == 0));
    }
    for (var n = index; n < 4 * DEPTH * WIDTH; n += INVOCATIONS) {
      right[n / WIDTH][n % WIDTH] = quad(weights(4 * first + n / WIDTH, unit + n % WIDTH));
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
  if (group.x == 0) {
    for (var r = row + index; r < min(row + HEIGHT, step.rows); r += INVOCATIONS) {
      let sample = order[step.first + r];
      targets[r] = (labels[sample / 4] >> (8 * (sample % 4))) & 0xff;
    }
  }
  let key = hash(constants.seed, constants.stream, step.number);
  // A loop, as shaders that are compiled for a processor take their time with every line.
  for (var r = 0u; r < 8; r++) {
    finish(s0, row + local.y + r * ROWS, unit + local.x, key);
    s0 = s1;
    s1 = s2;
    s2 = s3;
    s3 = s4;
    s4 = s5;
    s5 = s6;
    s6 = s7;
  }
}

// Four pixels of one row; nothing past the last pixel. Rows past the last repeat it. The first workgroups of
// the rows keep x.
fn pixels(row: u32, input: u32, keep: bool) -> vec4f {
  let quads = quadsOf(constants.inputs);
  if (input >= quads) {
    return vec4f();
  }
  let word = images[order[step.first + min(row, step.rows - 1)] * quads + input];
  let x = vec4f((vec4u(word) >> vec4u(0, 8, 16, 24)) & vec4u(0xff)) * constants.scale;
  if (keep && row < step.rows) {
    activations[constants.xAt / 4 + row * quads + input] = x;
  }
  return x;
}

// Four units of one input; nothing past the last input.
fn weights(input: u32, unit: u32) -> vec4f {
  if (input >= constants.inputs) {
    return vec4f();
  }
  return parameters[constants.kernelAt / 4 + input * quadsOf(constants.units) + unit];
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

fn finish(sums: mat2x4f, row: u32, unit: u32, key: u32) {
  store(sums[0], row, unit, key);
  store(sums[1], row, unit + COLUMNS, key);
}

// Four units that begin at a quad of them.
fn store(sum: vec4f, row: u32, unit: u32, key: u32) {
  let quads = quadsOf(constants.units);
  if (row >= step.rows || unit >= quads) {
    return;
  }
  var value = sum + parameters[constants.biasAt / 4 + unit];
  value = activate(value);
  value = drop(value, key, row, 4 * unit);
  // What fills a row up to a whole quad is zero, as the next layer takes it for inputs.
  let within = vec4u(4 * unit) + vec4u(0, 1, 2, 3) < vec4u(constants.units);
  activations[constants.yAt / 4 + row * quads + unit] = select(vec4f(), value, within);
}

// What a unit puts out.
fn activate(z: vec4f) -> vec4f {
  switch (constants.activation) {
    case RELU: {
      return max(z, vec4f());
    }
    case LEAKY_RELU: {
      return select(LEAK * z, z, z > vec4f());
    }
    case TANH: {
      let e = exp(-2 * abs(z));
      return sign(z) * (1 - e) / (1 + e);
    }
    case SIGMOID: {
      let e = exp(-abs(z));
      return select(e, vec4f(1), z > vec4f()) / (1 + e);
    }
    default: {
      return z;
    }
  }
}

fn drop(value: vec4f, key: u32, row: u32, unit: u32) -> vec4f {
  if (constants.dropped == 0) {
    return value;
  }
  let kept = vec4(
    keeps(key, row, unit),
    keeps(key, row, unit + 1),
    keeps(key, row, unit + 2),
    keeps(key, row, unit + 3),
  );
  return select(vec4f(), value * constants.keptScale, kept);
}

// As keepsUnit() in src/network/random.ts.
fn keeps(key: u32, row: u32, unit: u32) -> bool {
  return hash(key, row, unit) >> 8 >= constants.dropped;
}

// The first component of PCG3D: hash() in src/network/random.ts, the same bits.
fn hash(seed: u32, stream: u32, counter: u32) -> u32 {
  var v = vec3u(seed, stream, counter) * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3u(16);
  return v.x + v.y * v.z;
}

// Quads that a row of so many elements takes.
fn quadsOf(width: u32) -> u32 {
  return (width + 3) / 4;
}
