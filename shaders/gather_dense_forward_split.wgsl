// As gather_dense_forward.wgsl, for outputs so small that even its tiles would leave most of a GPU idle:
// smaller tiles, and each sum in more parts, straight from the buffers.

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

// A workgroup computes 16 rows of 16 units; an invocation keeps 4 × 4 sums of its slice: rows that lie ROWS
// apart, and a quad of units.
const COLUMNS: u32 = 4;
const ROWS: u32 = 4;
const SLICES: u32 = 16;

// What products are computed of; sums are float32.
alias scalar = f32;
alias quad = vec4<scalar>;

var<workgroup> sums: array<array<array<vec4f, COLUMNS>, 4 * ROWS>, SLICES>;

// Activations: src/network/activation.ts.
const RELU: u32 = 1;
const LEAKY_RELU: u32 = 2;
const TANH: u32 = 3;
const SIGMOID: u32 = 4;
// The slope of LEAKY_RELU below zero.
const LEAK: f32 = 0.2;

@compute @workgroup_size(COLUMNS, ROWS, SLICES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let unit = group.x * COLUMNS + local.x;
  let row = group.y * 4 * ROWS + local.y;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let x0 = sampleOf(row);
  let x1 = sampleOf(row + ROWS);
  let x2 = sampleOf(row + 2 * ROWS);
  let x3 = sampleOf(row + 3 * ROWS);
  let quads = quadsOf(constants.inputs);
  let stride = quadsOf(constants.units);
  // What fills up the last quad of pixels is zero; what it is multiplied with are parameters as well.
  var b = constants.kernelAt / 4 + 4 * local.z * stride + unit;
  for (var input = local.z; input < quads; input += SLICES) {
    let b0 = quad(parameters[b]);
    let b1 = quad(parameters[b + stride]);
    let b2 = quad(parameters[b + 2 * stride]);
    let b3 = quad(parameters[b + 3 * stride]);
    s0 = add(s0, quad(bytes(x0 + input)), b0, b1, b2, b3);
    s1 = add(s1, quad(bytes(x1 + input)), b0, b1, b2, b3);
    s2 = add(s2, quad(bytes(x2 + input)), b0, b1, b2, b3);
    s3 = add(s3, quad(bytes(x3 + input)), b0, b1, b2, b3);
    b += 4 * SLICES * stride;
  }
  if (KEEP && unit == 0) {
    keep(row, x0, local.z);
    keep(row + ROWS, x1, local.z);
    keep(row + 2 * ROWS, x2, local.z);
    keep(row + 3 * ROWS, x3, local.z);
  }
  // Pixels are scaled here, all at once.
  sums[local.z][local.y][local.x] = s0 * constants.scale;
  sums[local.z][local.y + ROWS][local.x] = s1 * constants.scale;
  sums[local.z][local.y + 2 * ROWS][local.x] = s2 * constants.scale;
  sums[local.z][local.y + 3 * ROWS][local.x] = s3 * constants.scale;
  workgroupBarrier();
  if (unit == 0 && local.z < 4 && row + local.z * ROWS < step.rows) {
    let sample = order[step.first + row + local.z * ROWS];
    targets[row + local.z * ROWS] = (labels[sample / 4] >> (8 * (sample % 4))) & 0xff;
  }
  // The first four slices' invocations finish a row each.
  if (local.z < 4) {
    var sum = vec4f();
    for (var slice = 0u; slice < SLICES; slice++) {
      sum += sums[slice][local.y + local.z * ROWS][local.x];
    }
    finish(sum, row + local.z * ROWS, unit, hash(constants.seed, constants.stream, step.number));
  }
}

// Where a row's pixels begin, in quads; rows past the last repeat it.
fn sampleOf(row: u32) -> u32 {
  return order[step.first + min(row, step.rows - 1)] * quadsOf(constants.inputs);
}

// Four pixels as they are, from 0 to 255.
fn bytes(at: u32) -> vec4f {
  return vec4f((vec4u(images[at]) >> vec4u(0, 8, 16, 24)) & vec4u(0xff));
}

// A slice's pixels of one row as x, which the weight gradient takes.
fn keep(row: u32, sample: u32, slice: u32) {
  let quads = quadsOf(constants.inputs);
  for (var input = slice; input < quads && row < step.rows; input += SLICES) {
    activations[constants.xAt / 4 + row * quads + input] = bytes(sample + input) * constants.scale;
  }
}

// The sums of one row over four inputs.
fn add(sum: vec4f, a: quad, b0: quad, b1: quad, b2: quad, b3: quad) -> vec4f {
  let four = vec4f(a);
  var s = sum;
  s += four.x * vec4f(b0);
  s += four.y * vec4f(b1);
  s += four.z * vec4f(b2);
  s += four.w * vec4f(b3);
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
