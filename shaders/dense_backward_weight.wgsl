// dkernel = xᵀ·dy and dbias = the sum of dy over the rows. Each invocation keeps a tile of 4 inputs × 4 units in
// registers; the invocations of the first four inputs sum dbias as well.

struct Constants {
  inputs: u32,
  units: u32,
}

struct Step {
  rows: u32,
  first: u32,
  number: u32,
  slot: u32,
  learningRate: f32,
  correction1: f32,
  correction2: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>; // [rows, inputs]
@group(0) @binding(1) var<storage, read> dy: array<f32>; // [rows, units]
@group(0) @binding(2) var<storage, read_write> dkernel: array<f32>; // [inputs, units]
@group(0) @binding(3) var<storage, read_write> dbias: array<f32>; // [units]
@group(0) @binding(4) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP_UNITS: u32 = 8;
const WORKGROUP_INPUTS: u32 = 8;

@compute @workgroup_size(WORKGROUP_UNITS, WORKGROUP_INPUTS)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let units = constants.units;
  let inputs = constants.inputs;
  let unit = 4 * id.x + vec4u(0, 1, 2, 3);
  let input = 4 * id.y + vec4u(0, 1, 2, 3);
  if (unit.x >= units || input.x >= inputs) {
    return;
  }
  let u = min(unit, vec4u(units - 1));
  let i = min(input, vec4u(inputs - 1));

  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  var biasSum = vec4f();
  for (var r = 0u; r < step.rows; r++) {
    let dyAt = r * units + u;
    let d = vec4f(dy[dyAt.x], dy[dyAt.y], dy[dyAt.z], dy[dyAt.w]);
    let xAt = r * inputs + i;
    sum0 += x[xAt.x] * d;
    sum1 += x[xAt.y] * d;
    sum2 += x[xAt.z] * d;
    sum3 += x[xAt.w] * d;
    biasSum += d;
  }

  store(input.x, unit, sum0);
  store(input.y, unit, sum1);
  store(input.z, unit, sum2);
  store(input.w, unit, sum3);
  if (id.y == 0) {
    for (var n = 0u; n < 4 && unit[n] < units; n++) {
      dbias[unit[n]] = biasSum[n];
    }
  }
}

fn store(input: u32, unit: vec4u, sum: vec4f) {
  if (input >= constants.inputs) {
    return;
  }
  for (var n = 0u; n < 4 && unit[n] < constants.units; n++) {
    dkernel[input * constants.units + unit[n]] = sum[n];
  }
}
