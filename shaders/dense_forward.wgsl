// y = activation(x·kernel + bias), then dropout. Rows of the buffers are filled up with zeros to whole quads,
// which is what is loaded and stored; they are staged in workgroup memory, and an invocation keeps 4 × 4 sums
// in registers. What lies past an edge of the output is computed from whatever is there, and not stored.

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

// x [rows, quads of inputs] at xAt, y [rows, quads of units] at yAt
@group(0) @binding(0) var<storage, read_write> activations: array<vec4f>;
// kernel [inputs, quads of units], bias [quads of units]
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// An invocation keeps 4 × 4 sums of its slice: rows that lie ROWS apart, and a quad of units.
const COLUMNS: u32 = 8;
const ROWS: u32 = 8;
// Each sum is taken in so many parts side by side (split-K within a workgroup), so that a small output
// keeps a whole workgroup busy.
const SLICES: u32 = 4;
const INVOCATIONS: u32 = COLUMNS * ROWS * SLICES;
// Quads of units of a workgroup.
const WIDTH: u32 = COLUMNS;
// Rows of the product of a workgroup.
const HEIGHT: u32 = 4 * ROWS;
// Quads of inputs that are staged at once.
const DEPTH: u32 = 8;

// What products are computed of; sums are float32.
alias scalar = f32;
alias quad = vec4<scalar>;

var<workgroup> left: array<array<quad, DEPTH>, HEIGHT>; // four inputs of a row of x
var<workgroup> right: array<array<quad, WIDTH>, 4 * DEPTH>; // four units of an input's weights
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
  let unit = group.x * WIDTH;
  let row = group.y * HEIGHT;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  for (var first = 0u; first < quadsOf(constants.inputs); first += DEPTH) {
    for (var n = index; n < HEIGHT * DEPTH; n += INVOCATIONS) {
      left[n / DEPTH][n % DEPTH] = quad(inputs(row + n / DEPTH, first + n % DEPTH));
    }
    for (var n = index; n < 4 * DEPTH * WIDTH; n += INVOCATIONS) {
      right[n / WIDTH][n % WIDTH] = quad(weights(4 * first + n / WIDTH, unit + n % WIDTH));
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
    let key = hash(constants.seed, constants.stream, step.number);
    // A loop, as shaders that are compiled for a processor take their time with every line.
    for (var r = 0u; r < 4; r++) {
      finish(s0, row + local.y + r * ROWS, unit + local.x, key);
      s0 = s1;
      s1 = s2;
      s2 = s3;
    }
  }
}

// Four inputs of one row; nothing past the last input.
fn inputs(row: u32, input: u32) -> vec4f {
  let quads = quadsOf(constants.inputs);
  if (input >= quads) {
    return vec4f();
  }
  return activations[constants.xAt / 4 + row * quads + input];
}

// Four units of one input; nothing past the last input.
fn weights(input: u32, unit: u32) -> vec4f {
  if (input >= constants.inputs) {
    return vec4f();
  }
  return parameters[constants.kernelAt / 4 + input * quadsOf(constants.units) + unit];
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

// Four units that begin at a quad of them.
fn finish(sum: vec4f, row: u32, unit: u32, key: u32) {
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
