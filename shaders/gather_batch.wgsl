// x[r, i] = scale · images[order[step.first + r], i], and the labels to targets. One invocation an element of
// x.

struct Constants {
  inputs: u32,
  scale: f32,
  xAt: u32,
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
@group(0) @binding(3) var<storage, read_write> activations: array<f32>; // x [rows, inputs]
@group(0) @binding(4) var<storage, read_write> targets: array<u32>; // [rows]
@group(0) @binding(5) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let r = id.y;
  if (i >= constants.inputs || r >= step.rows) {
    return;
  }
  let sample = order[step.first + r];
  let at = sample * constants.inputs + i;
  let pixel = (images[at / 4] >> (8 * (at % 4))) & 0xff;
  activations[constants.xAt + r * stride(constants.inputs) + i] = f32(pixel) * constants.scale;
  if (i == 0) {
    targets[r] = (labels[sample / 4] >> (8 * (sample % 4))) & 0xff;
  }
}

// From one row of a buffer to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
