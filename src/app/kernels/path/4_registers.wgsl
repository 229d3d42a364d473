// Step 4, registers: each invocation keeps 4 × 4 sums. For every input it reads a quad of the kernel and one
// element of each of four rows, which are sixteen multiply-adds: five reads of workgroup memory in place of
// thirty-two.

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

const SIDE: u32 = 16;
const QUADS: u32 = 4;

var<workgroup> left: array<array<vec4f, QUADS>, SIDE>; // [row, quad of inputs]
var<workgroup> right: array<array<vec4f, QUADS>, SIDE>; // [input, quad of units]

// A workgroup computes 16 rows of 16 units; an invocation four rows that lie QUADS apart, and a quad of units.
@compute @workgroup_size(QUADS, QUADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let unit = group.x * QUADS + local.x;
  let row = group.y * SIDE + local.y;
  let inputs = quadsOf(constants.inputs);
  let units = quadsOf(constants.units);
  var sums = array<vec4f, 4>();
  for (var first = 0u; first < inputs; first += QUADS) {
    // Each invocation loads a quad of four rows of x, and of four rows of the kernel.
    for (var n = 0u; n < 4; n++) {
      let at = local.y + n * QUADS;
      let x = constants.xAt / 4 + (row + n * QUADS) * inputs + first + local.x;
      left[at][local.x] = select(vec4f(), activations[x], first + local.x < inputs);
      let input = 4 * first + at;
      let kernel = constants.kernelAt / 4 + input * units + unit;
      right[at][local.x] = select(vec4f(), parameters[kernel], input < constants.inputs);
    }
    workgroupBarrier();
    for (var quad = 0u; quad < QUADS; quad++) {
      let a0 = left[local.y][quad];
      let a1 = left[local.y + QUADS][quad];
      let a2 = left[local.y + 2 * QUADS][quad];
      let a3 = left[local.y + 3 * QUADS][quad];
      for (var i = 0u; i < 4; i++) {
        let b = right[4 * quad + i][local.x];
        sums[0] += a0[i] * b;
        sums[1] += a1[i] * b;
        sums[2] += a2[i] * b;
        sums[3] += a3[i] * b;
      }
    }
    workgroupBarrier();
  }
  let key = hash(constants.seed, constants.stream, step.number);
  for (var n = 0u; n < 4; n++) {
    finish(sums[n], row + n * QUADS, unit, key);
  }
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
