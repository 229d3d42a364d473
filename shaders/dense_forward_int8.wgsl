// y = float32(x·kernelᵀ + bias) · scale, rounded to bytes of 7 bits. Each invocation keeps 8 rows × 4 units in
// registers: four units make a word of y.

struct Constants {
  inputs: u32,
  units: u32,
  xAt: u32,
  kernelAt: u32,
  biasAt: u32,
  scaleAt: u32,
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

// Bytes come four to a word, and rows begin at whole words.
// x uint8 [rows, inputs] at xAt, y uint8 [rows, units] at yAt
@group(0) @binding(0) var<storage, read_write> activations: array<u32>;
// kernel int8 [units, inputs], bias int32 [units], scale float32 [units]
@group(0) @binding(1) var<storage, read> parameters: array<u32>;
@group(0) @binding(2) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// Invocations of a workgroup: ACROSS quads of units side by side, and DOWN times 8 rows.
const ACROSS: u32 = 16;
const DOWN: u32 = 4;

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x;
  let row = id.y * 8;
  if (row >= step.rows || quad >= wordsOf(constants.units)) {
    return;
  }
  let depth = wordsOf(constants.inputs);
  // What lies past the last row or unit is computed from whatever is there, and not stored.
  let x0 = constants.xAt + row * depth;
  let x1 = x0 + depth;
  let x2 = x1 + depth;
  let x3 = x2 + depth;
  let x4 = x3 + depth;
  let x5 = x4 + depth;
  let x6 = x5 + depth;
  let x7 = x6 + depth;
  let k0 = constants.kernelAt + 4 * quad * depth;
  let k1 = k0 + depth;
  let k2 = k1 + depth;
  let k3 = k2 + depth;
  var s0 = vec4i();
  var s1 = vec4i();
  var s2 = vec4i();
  var s3 = vec4i();
  var s4 = vec4i();
  var s5 = vec4i();
  var s6 = vec4i();
  var s7 = vec4i();
  for (var i = 0u; i < depth; i++) {
    let w = vec4u(parameters[k0 + i], parameters[k1 + i], parameters[k2 + i], parameters[k3 + i]);
    s0 += products(activations[x0 + i], w);
    s1 += products(activations[x1 + i], w);
    s2 += products(activations[x2 + i], w);
    s3 += products(activations[x3 + i], w);
    s4 += products(activations[x4 + i], w);
    s5 += products(activations[x5 + i], w);
    s6 += products(activations[x6 + i], w);
    s7 += products(activations[x7 + i], w);
  }
  var sums = array(s0, s1, s2, s3, s4, s5, s6, s7);
  for (var r = 0u; r < 8u; r++) {
    finish(sums[r], row + r, quad);
  }
}

// A word's four bytes times those of each of four units.
fn products(a: u32, w: vec4u) -> vec4i {
  return vec4i(product(a, w.x), product(a, w.y), product(a, w.z), product(a, w.w));
}

// The sum of four products; replaced by dot4I8Packed where the language has it.
fn product(a: u32, b: u32) -> i32 {
  return byHand(a, b);
}

fn byHand(a: u32, b: u32) -> i32 {
  return dot(bytesOf(a), bytesOf(b));
}

fn bytesOf(word: u32) -> vec4i {
  return (vec4i(bitcast<i32>(word)) << vec4u(24, 16, 8, 0)) >> vec4u(24);
}

fn finish(sums: vec4i, row: u32, quad: u32) {
  if (row >= step.rows) {
    return;
  }
  var bytes = 0u;
  for (var n = 0u; n < 4u; n++) {
    let unit = 4 * quad + n;
    if (unit < constants.units) {
      let sum = sums[n] + bitcast<i32>(parameters[constants.biasAt + unit]);
      let value = f32(sum) * bitcast<f32>(parameters[constants.scaleAt + unit]);
      bytes |= u32(clamp(round(value), 0.0, 127.0)) << (8 * n);
    }
  }
  activations[constants.yAt + row * wordsOf(constants.units) + quad] = bytes;
}

// Words that a row of so many bytes takes.
fn wordsOf(width: u32) -> u32 {
  return (width + 3) / 4;
}
