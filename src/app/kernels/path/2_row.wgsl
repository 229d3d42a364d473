// Step 2, a row of elements an invocation: four neighbouring units. What is loaded of x is used four times, and
// the kernel comes four elements to a load: two loads for four multiply-adds.

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

// A workgroup computes 16 rows of 16 units.
@compute @workgroup_size(4, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let unit = id.x; // a quad of them
  let row = id.y;
  if (row >= step.rows || unit >= quadsOf(constants.units)) {
    return;
  }
  let x = constants.xAt / 4 + row * quadsOf(constants.inputs);
  let kernel = constants.kernelAt / 4 + unit;
  var sum = vec4f();
  for (var i = 0u; i < constants.inputs; i++) {
    sum += activations[x + i / 4][i % 4] * parameters[kernel + i * quadsOf(constants.units)];
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
