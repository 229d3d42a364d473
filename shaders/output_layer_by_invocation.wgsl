// output_layer.wgsl with one invocation a row, which has nothing to wait for: for adapters that run on the
// processor, where barriers cost most. Classes are computed eight at a time.

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

const WORKGROUP: u32 = 4;

// Activations: src/network/activation.ts.
const RELU: u32 = 1;
const LEAKY_RELU: u32 = 2;
const TANH: u32 = 3;
const SIGMOID: u32 = 4;
// The slope of LEAKY_RELU below zero.
const LEAK: f32 = 0.2;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= step.rows) {
    return;
  }
  let classes = constants.classes;
  let x = constants.xAt + row * stride(constants.inputs);
  let logits = constants.logitsAt + row * stride(classes);
  for (var c = 0u; c < classes; c += 8) {
    var sum = bias(c);
    for (var i = 0u; i < constants.inputs; i++) {
      sum += activations[x + i] * weights(i, c);
    }
    for (var n = 0u; n < min(8u, classes - c); n++) {
      activations[logits + c + n] = sum[n / 4][n % 4];
    }
  }

  // The lowest class wins a tie.
  var best = 0u;
  for (var c = 1u; c < classes; c++) {
    if (activations[logits + c] > activations[logits + best]) {
      best = c;
    }
  }
  let largest = activations[logits + best];
  let dlogits = constants.dlogitsAt + row * stride(classes);
  var sum = 0.0;
  var shifted = 0.0;
  for (var c = 0u; c < classes; c++) {
    let z = activations[logits + c] - largest;
    let e = exponential(z);
    gradients[dlogits + c] = e;
    sum += e;
    shifted += z;
  }
  let label = targets[row];
  let loss = log(sum) - constants.labelWeight * (activations[logits + label] - largest)
    - constants.classWeight * shifted;
  rowMetrics[step.slot * constants.capacity + row] = vec2f(loss, select(0.0, 1.0, best == label));

  let scale = 1.0 / f32(step.rows);
  for (var c = 0u; c < classes; c++) {
    let probability = gradients[dlogits + c] / sum;
    gradients[dlogits + c] =
      (probability - constants.classWeight - select(0.0, constants.labelWeight, c == label)) * scale;
  }

  if (BACKWARD) {
    let dx = constants.dxAt + row * stride(constants.inputs);
    for (var c = 0u; c < classes; c += 8) {
      let dy = eightGradients(dlogits + c, classes - c);
      for (var i = 0u; i < constants.inputs; i++) {
        let w = weights(i, c);
        let dsum = dot(dy[0], w[0]) + dot(dy[1], w[1]);
        gradients[dx + i] = select(gradients[dx + i], 0.0, c == 0) + dsum;
      }
    }
    for (var i = 0u; i < constants.inputs; i++) {
      gradients[dx + i] = derive(gradients[dx + i], activations[x + i]);
    }
  }
}

// Of eight classes, and nothing past the last of them.
fn eightGradients(at: u32, classes: u32) -> mat2x4f {
  var dy = mat2x4f();
  for (var n = 0u; n < min(8u, classes); n++) {
    dy[n / 4][n % 4] = gradients[at + n];
  }
  return dy;
}

// Eight classes' biases; past the last class whatever is there.
fn bias(c: u32) -> mat2x4f {
  let at = constants.biasAt + c;
  return mat2x4f(
    parameters[at],
    parameters[at + 1],
    parameters[at + 2],
    parameters[at + 3],
    parameters[at + 4],
    parameters[at + 5],
    parameters[at + 6],
    parameters[at + 7],
  );
}

// Eight classes' weights of one input; past the last class whatever is there.
fn weights(i: u32, c: u32) -> mat2x4f {
  let at = constants.kernelAt + i * stride(constants.classes) + c;
  return mat2x4f(
    parameters[at],
    parameters[at + 1],
    parameters[at + 2],
    parameters[at + 3],
    parameters[at + 4],
    parameters[at + 5],
    parameters[at + 6],
    parameters[at + 7],
  );
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
