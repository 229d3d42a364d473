// y = float32(x·kernelᵀ + bias) · scale: the logits. One invocation a logit.

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

// x uint8 [rows, inputs] at xAt, four to a word, rows at whole words; y float32 [rows, units] at yAt
@group(0) @binding(0) var<storage, read_write> activations: array<u32>;
// kernel int8 [units, inputs] as x, bias int32 [units], scale float32 [units]
@group(0) @binding(1) var<storage, read> parameters: array<u32>;
@group(0) @binding(2) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const ACROSS: u32 = 16;
const DOWN: u32 = 4;

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let unit = id.x;
  let row = id.y;
  if (row >= step.rows || unit >= constants.units) {
    return;
  }
  let depth = (constants.inputs + 3) / 4;
  let x = constants.xAt + row * depth;
  let k = constants.kernelAt + unit * depth;
  var sum = bitcast<i32>(parameters[constants.biasAt + unit]);
  for (var i = 0u; i < depth; i++) {
    sum += product(activations[x + i], parameters[k + i]);
  }
  let logit = f32(sum) * bitcast<f32>(parameters[constants.scaleAt + unit]);
  activations[constants.yAt + row * stride(constants.units) + unit] = bitcast<u32>(logit);
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

// From one row of floats to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
