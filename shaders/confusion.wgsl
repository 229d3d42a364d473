// confusion[target, argmax of the logits] += 1 for each row; the lowest class wins a tie. One invocation a
// row.

struct Constants {
  classes: u32,
  logitsAt: u32,
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

@group(0) @binding(0) var<storage, read> activations: array<f32>; // logits [rows, classes]
@group(0) @binding(1) var<storage, read> targets: array<u32>; // [rows]
@group(0) @binding(2) var<storage, read_write> confusion: array<atomic<u32>>; // [classes, classes]
@group(0) @binding(3) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  if (r >= step.rows) {
    return;
  }
  let row = constants.logitsAt + r * stride(constants.classes);
  var best = 0u;
  for (var c = 1u; c < constants.classes; c++) {
    if (activations[row + c] > activations[row + best]) {
      best = c;
    }
  }
  atomicAdd(&confusion[targets[r] * constants.classes + best], 1u);
}

// From one row of a buffer to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
