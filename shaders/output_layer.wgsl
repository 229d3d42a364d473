// The last layer in one: logits = x·kernel + bias, softmax_cross_entropy, and in training
// dense_backward_input: what is left of the backward pass then begins at dx. One workgroup a row;
// sum_metrics.wgsl adds the rows' metrics up.

struct Constants {
  inputs: u32,
  classes: u32,
  // The weight of each class in a row's target, and the label's beside it.
  classWeight: f32,
  labelWeight: f32,
  // Of the layer before.
  activation: u32,
  scale: f32,
  xAt: u32,
  kernelAt: u32,
  biasAt: u32,
  logitsAt: u32,
  dlogitsAt: u32,
  dxAt: u32,
  // Rows that metrics have room for in each slot.
  capacity: u32,
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

// x [rows, inputs], logits [rows, classes]
@group(0) @binding(0) var<storage, read_write> activations: array<f32>;
@group(0) @binding(1) var<storage, read> parameters: array<f32>; // kernel [inputs, classes], bias [classes]
@group(0) @binding(2) var<storage, read> targets: array<u32>; // [rows]
// dlogits [rows, classes], dx [rows, inputs]
@group(0) @binding(3) var<storage, read_write> gradients: array<f32>;
// {loss, 1 if correct} [slots, capacity]
@group(0) @binding(4) var<storage, read_write> rowMetrics: array<vec2f>;
@group(0) @binding(5) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// Whether dx is wanted.
override BACKWARD: bool = true;

const WORKGROUP: u32 = 64;
// Classes side by side, and parts of each class's sum.
const CLASSES: u32 = 16;
const SLICES: u32 = WORKGROUP / CLASSES;
const MAX_CLASSES: u32 = 256;

var<workgroup> parts: array<f32, WORKGROUP>; // [SLICES][CLASSES]
var<workgroup> values: array<f32, MAX_CLASSES>; // logits, then dlogits

// Activations: src/network/activation.ts.
const RELU: u32 = 1;
const LEAKY_RELU: u32 = 2;
const TANH: u32 = 3;
const SIGMOID: u32 = 4;
// The slope of LEAKY_RELU below zero.
const LEAK: f32 = 0.2;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = group.x;
  let classes = constants.classes;
  let x = constants.xAt + row * stride(constants.inputs);

  let slice = local / CLASSES;
  for (var first = 0u; first < classes; first += CLASSES) {
    let c = first + local % CLASSES;
    var sum = 0.0;
    for (var i = slice; i < constants.inputs; i += SLICES) {
      sum += activations[x + i] * parameters[constants.kernelAt + i * stride(classes) + c];
    }
    parts[local] = sum;
    workgroupBarrier();
    if (slice == 0 && c < classes) {
      for (var s = 1u; s < SLICES; s++) {
        sum += parts[s * CLASSES + local];
      }
      sum += parameters[constants.biasAt + c];
      values[c] = sum;
      activations[constants.logitsAt + row * stride(classes) + c] = sum;
    }
    workgroupBarrier();
  }

  // Every invocation for itself: the classes are few. The lowest class wins a tie.
  var best = 0u;
  for (var c = 1u; c < classes; c++) {
    if (values[c] > values[best]) {
      best = c;
    }
  }
  let largest = values[best];
  var sum = 0.0;
  var shifted = 0.0;
  for (var c = 0u; c < classes; c++) {
    let z = values[c] - largest;
    sum += exponential(z);
    shifted += z;
  }
  let label = targets[row];
  if (local == 0) {
    let loss = log(sum) - constants.labelWeight * (values[label] - largest) - constants.classWeight * shifted;
    rowMetrics[step.slot * constants.capacity + row] = vec2f(loss, select(0.0, 1.0, best == label));
  }
  workgroupBarrier();

  let scale = 1.0 / f32(step.rows);
  for (var c = local; c < classes; c += WORKGROUP) {
    let probability = exponential(values[c] - largest) / sum;
    let dlogit =
      (probability - constants.classWeight - select(0.0, constants.labelWeight, c == label)) * scale;
    values[c] = dlogit;
    gradients[constants.dlogitsAt + row * stride(classes) + c] = dlogit;
  }
  workgroupBarrier();

  if (BACKWARD) {
    for (var i = local; i < constants.inputs; i += WORKGROUP) {
      var dx = 0.0;
      for (var c = 0u; c < classes; c++) {
        dx += values[c] * parameters[constants.kernelAt + i * stride(classes) + c];
      }
      gradients[constants.dxAt + row * stride(constants.inputs) + i] =
        derive(dx, activations[x + i]);
    }
  }
}

// eᶻ, or 0 below 10⁻³⁰: gradients of what is all but impossible would be subnormal numbers.
fn exponential(z: f32) -> f32 {
  return select(exp(z), 0.0, z < -69.0);
}

// What becomes of a gradient on its way through the dropout and the activation that made x. Where units are
// dropped, an output that is zero counts as dropped.
fn derive(dy: f32, x: f32) -> f32 {
  let a = x / constants.scale;
  var d = 1.0;
  switch (constants.activation) {
    case RELU: {
      d = select(0.0, 1.0, x > 0.0);
    }
    case LEAKY_RELU: {
      d = select(LEAK, 1.0, x > 0.0);
    }
    case TANH: {
      d = 1 - a * a;
    }
    case SIGMOID: {
      d = a * (1 - a);
    }
    default: {}
  }
  let passes = (d != 0.0) & ((constants.scale == 1) | (x != 0.0));
  return select(0.0, dy * (d * constants.scale), passes);
}

// From one row of a buffer to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
