// dense_forward without workgroup memory: each invocation keeps 16 rows × 8 units in registers, so that few
// loads feed many multiply-adds. For adapters that run on the processor, where a load costs most and caches
// do the rest. What lies past an edge is computed from whatever is there, and not stored.

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

// x [rows, inputs] at xAt, y [rows, units] at yAt
@group(0) @binding(0) var<storage, read_write> activations: array<f32>;
@group(0) @binding(1) var<storage, read> parameters: array<f32>; // kernel [inputs, units], bias [units]
@group(0) @binding(2) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// A workgroup's tile: its invocations are LANES units apart in one direction, and one below the other.
const LANES: u32 = 4;
const DEEP: u32 = 2;
const UNITS: u32 = 8 * LANES;
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
  let inputs = stride(constants.inputs);
  let units = stride(constants.units);
  let unit = group.x * UNITS + local.x;
  let row = group.y * ROWS + local.y * 16;
  if (row >= step.rows) {
    return;
  }
  let x0 = constants.xAt + row * inputs;
  let x1 = x0 + inputs;
  let x2 = x1 + inputs;
  let x3 = x2 + inputs;
  let x4 = x3 + inputs;
  let x5 = x4 + inputs;
  let x6 = x5 + inputs;
  let x7 = x6 + inputs;
  let x8 = x7 + inputs;
  let x9 = x8 + inputs;
  let x10 = x9 + inputs;
  let x11 = x10 + inputs;
  let x12 = x11 + inputs;
  let x13 = x12 + inputs;
  let x14 = x13 + inputs;
  let x15 = x14 + inputs;
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

  var k = constants.kernelAt + unit;
  for (var i = 0u; i < constants.inputs; i++) {
    let w = weights(k);
    k += units;
    sum0 += activations[x0 + i] * w;
    sum1 += activations[x1 + i] * w;
    sum2 += activations[x2 + i] * w;
    sum3 += activations[x3 + i] * w;
    sum4 += activations[x4 + i] * w;
    sum5 += activations[x5 + i] * w;
    sum6 += activations[x6 + i] * w;
    sum7 += activations[x7 + i] * w;
    sum8 += activations[x8 + i] * w;
    sum9 += activations[x9 + i] * w;
    sum10 += activations[x10 + i] * w;
    sum11 += activations[x11 + i] * w;
    sum12 += activations[x12 + i] * w;
    sum13 += activations[x13 + i] * w;
    sum14 += activations[x14 + i] * w;
    sum15 += activations[x15 + i] * w;
  }

  let key = hash(constants.seed, constants.stream, step.number);
  // In a loop, which is compiled in half the time.
  var sums = array(
    sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7,
    sum8, sum9, sum10, sum11, sum12, sum13, sum14, sum15,
  );
  for (var r = 0u; r < 16u; r++) {
    store(sums[r], row + r, unit, key);
  }
}

fn weights(k: u32) -> mat2x4f {
  return mat2x4f(
    parameters[k],
    parameters[k + LANES],
    parameters[k + 2 * LANES],
    parameters[k + 3 * LANES],
    parameters[k + 4 * LANES],
    parameters[k + 5 * LANES],
    parameters[k + 6 * LANES],
    parameters[k + 7 * LANES],
  );
}

fn store(sum: mat2x4f, row: u32, unit: u32, key: u32) {
  for (var c = 0u; c < 4; c++) {
    finish(sum[0][c], row, unit + c * LANES, key);
    finish(sum[1][c], row, unit + (c + 4) * LANES, key);
  }
}

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
