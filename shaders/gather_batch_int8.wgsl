// x[r, i] = images[order[step.first + r], i] >> 1, and the labels to targets. One invocation a word of x: four pixels
// in 7 bits each.

struct Constants {
  inputs: u32,
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
// x uint8 [rows, inputs] at xAt, four to a word, rows at whole words
@group(0) @binding(3) var<storage, read_write> activations: array<u32>;
@group(0) @binding(4) var<storage, read_write> targets: array<u32>; // [rows]
@group(0) @binding(5) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let word = id.x;
  let r = id.y;
  let words = (constants.inputs + 3) / 4;
  if (word >= words || r >= step.rows) {
    return;
  }
  let sample = order[step.first + r];
  var bytes = 0u;
  for (var n = 0u; n < 4; n++) {
    let i = 4 * word + n;
    if (i < constants.inputs) {
      let at = sample * constants.inputs + i;
      let pixel = (images[at / 4] >> (8 * (at % 4))) & 0xff;
      bytes |= (pixel >> 1) << (8 * n);
    }
  }
  activations[constants.xAt + r * words + word] = bytes;
  if (word == 0) {
    targets[r] = (labels[sample / 4] >> (8 * (sample % 4))) & 0xff;
  }
}
