// Step 3, a tile in workgroup memory: sixteen inputs at a time, the invocations of a workgroup load a tile of x and
// one of the kernel together, and each then takes what it needs from there. An element is loaded once a workgroup,
// not sixteen times; but workgroup memory is still read twice for one multiply-add.

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

// x [rows, inputs] at xAt, y [rows, units] at yAt; rows begin at multiples of four elements
@group(0) @binding(0) var<storage, read_write> activations: array<f32>;
// kernel [inputs, units] at kernelAt, bias [units] at biasAt
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const SIDE: u32 = 16;

var<workgroup> left: array<array<f32, SIDE>, SIDE>; // [row, input]
var<workgroup> right: array<array<f32, SIDE>, SIDE>; // [input, unit]

// A workgroup computes 16 rows of 16 units.
@compute @workgroup_size(SIDE, SIDE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let unit = id.x;
  let row = id.y;
  let x = constants.xAt + row * stride(constants.inputs);
  var sum = 0.0;
  for (var first = 0u; first < constants.inputs; first += SIDE) {
    // What lies past an edge counts as zero.
    let isInput = first + local.x < constants.inputs && row < step.rows;
    left[local.y][local.x] = select(0.0, activations[x + first + local.x], isInput);
    let kernel = constants.kernelAt + (first + local.y) * stride(constants.units) + unit;
    let isUnit = first + local.y < constants.inputs && unit < constants.units;
    right[local.y][local.x] = select(0.0, parameters[kernel], isUnit);
    workgroupBarrier();
    for (var i = 0u; i < SIDE; i++) {
      sum += left[local.y][i] * right[i][local.x];
    }
    workgroupBarrier();
  }
  finish(sum, row, unit, hash(constants.seed, constants.stream, step.number));
}

// What follows is the same in each step: the bias, the activation, dropout.

// Activations: src/network/activation.ts.
const RELU: u32 = 1;
const LEAKY_RELU: u32 = 2;
const TANH: u32 = 3;
const SIGMOID: u32 = 4;
// The slope of LEAKY_RELU below zero.
const LEAK: f32 = 0.2;

fn finish(sum: f32, row: u32, unit: u32, key: u32) {
  if (row >= step.rows || unit >= constants.units) {
    return;
  }
  var value = sum + parameters[constants.biasAt + unit];
  value = activate(value);
  activations[constants.yAt + row * stride(constants.units) + unit] = drop(value, key, row, unit);
}

// What a unit puts out.
fn activate(z: f32) -> f32 {
  switch (constants.activation) {
    case RELU: {
      return max(z, 0.0);
    }
    case LEAKY_RELU: {
      return select(LEAK * z, z, z > 0.0);
    }
    case TANH: {
      let e = exp(-2 * abs(z));
      return sign(z) * (1 - e) / (1 + e);
    }
    case SIGMOID: {
      let e = exp(-abs(z));
      return select(e, 1.0, z > 0.0) / (1 + e);
    }
    default: {
      return z;
    }
  }
}

fn drop(value: f32, key: u32, row: u32, unit: u32) -> f32 {
  if (constants.dropped == 0) {
    return value;
  }
  // As keepsUnit() in src/network/random.ts.
  let kept = hash(key, row, unit) >> 8 >= constants.dropped;
  return select(0.0, value * constants.keptScale, kept);
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

// From one row of a buffer to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
