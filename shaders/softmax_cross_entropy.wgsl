// dlogits = (softmax(logits) − target) / step.rows; metrics[step.slot] = {sum of losses, correct rows}.
// One workgroup, so that the sums have one order: invocation n takes the rows n, n + WORKGROUP, …

struct Constants {
  classes: u32,
  // The weight of each class in a row's target, and the label's beside it.
  classWeight: f32,
  labelWeight: f32,
  logitsAt: u32,
  dlogitsAt: u32,
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
@group(0) @binding(2) var<storage, read_write> gradients: array<f32>; // dlogits [rows, classes]
@group(0) @binding(3) var<storage, read_write> metrics: array<f32>; // [slots, 2]
@group(0) @binding(4) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 64;

var<workgroup> losses: array<f32, WORKGROUP>;
var<workgroup> hits: array<u32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  var loss = 0.0;
  var correct = 0u;
  for (var r = local; r < step.rows; r += WORKGROUP) {
    let row = constants.logitsAt + r * stride(constants.classes);
    let best = argmax(row);
    let dlogits = constants.dlogitsAt + r * stride(constants.classes);
    loss += softmax(row, dlogits, targets[r], activations[row + best]);
    correct += select(0u, 1u, best == targets[r]);
  }
  losses[local] = loss;
  hits[local] = correct;
  workgroupBarrier();
  if (local == 0) {
    for (var n = 1u; n < WORKGROUP; n++) {
      loss += losses[n];
      correct += hits[n];
    }
    metrics[2 * step.slot] = loss;
    metrics[2 * step.slot + 1] = f32(correct);
  }
}

// The lowest class wins a tie.
fn argmax(row: u32) -> u32 {
  var best = 0u;
  for (var c = 1u; c < constants.classes; c++) {
    if (activations[row + c] > activations[row + best]) {
      best = c;
    }
  }
  return best;
}

// Writes a row of dlogits and returns the row's loss: −Σ target·(z − log Σ eᶻ) with z = logits − largest.
fn softmax(row: u32, dlogits: u32, label: u32, largest: f32) -> f32 {
  var sum = 0.0;
  var shifted = 0.0;
  for (var c = 0u; c < constants.classes; c++) {
    let z = activations[row + c] - largest;
    let e = exponential(z);
    gradients[dlogits + c] = e;
    sum += e;
    shifted += z;
  }
  let scale = 1.0 / f32(step.rows);
  for (var c = 0u; c < constants.classes; c++) {
    let probability = gradients[dlogits + c] / sum;
    gradients[dlogits + c] =
      (probability - constants.classWeight - select(0.0, constants.labelWeight, c == label)) * scale;
  }
  return log(sum) - constants.labelWeight * (activations[row + label] - largest)
    - constants.classWeight * shifted;
}

// eᶻ, or 0 below 10⁻³⁰: gradients of what is all but impossible would be subnormal numbers.
fn exponential(z: f32) -> f32 {
  return select(exp(z), 0.0, z < -69.0);
}

// From one row of a buffer to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
