// y = activation(x·kernel + bias), then dropout: kept units are divided by 1 − dropout. Each invocation keeps a tile
// of 4 rows × 4 units in registers; past an edge it repeats the last row or unit, and does not store it.

struct Constants {
  inputs: u32,
  units: u32,
  relu: u32,
  dropout: f32,
  seed: u32,
  stream: u32,
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
@group(0) @binding(1) var<storage, read> kernel: array<f32>; // [inputs, units]
@group(0) @binding(2) var<storage, read> bias: array<f32>; // [units]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [rows, units]
@group(0) @binding(4) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP_UNITS: u32 = 8;
const WORKGROUP_ROWS: u32 = 8;

@compute @workgroup_size(WORKGROUP_UNITS, WORKGROUP_ROWS)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let units = constants.units;
  let unit = 4 * id.x + vec4u(0, 1, 2, 3);
  let row = 4 * id.y + vec4u(0, 1, 2, 3);
  if (unit.x >= units || row.x >= step.rows) {
    return;
  }
  let u = min(unit, vec4u(units - 1));
  let xAt = min(row, vec4u(step.rows - 1)) * constants.inputs;

  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var i = 0u; i < constants.inputs; i++) {
    let k = i * units + u;
    let weights = vec4f(kernel[k.x], kernel[k.y], kernel[k.z], kernel[k.w]);
    sum0 += x[xAt.x + i] * weights;
    sum1 += x[xAt.y + i] * weights;
    sum2 += x[xAt.z + i] * weights;
    sum3 += x[xAt.w + i] * weights;
  }

  let b = vec4f(bias[u.x], bias[u.y], bias[u.z], bias[u.w]);
  let key = hash(constants.seed, constants.stream, step.number);
  store(row.x, unit, sum0 + b, key);
  store(row.y, unit, sum1 + b, key);
  store(row.z, unit, sum2 + b, key);
  store(row.w, unit, sum3 + b, key);
}

fn store(row: u32, unit: vec4u, sum: vec4f, key: u32) {
  if (row >= step.rows) {
    return;
  }
  let value = select(sum, max(sum, vec4f()), constants.relu != 0);
  for (var n = 0u; n < 4 && unit[n] < constants.units; n++) {
    y[row * constants.units + unit[n]] = drop(value[n], key, row, unit[n]);
  }
}

fn drop(value: f32, key: u32, row: u32, unit: u32) -> f32 {
  if (constants.dropout == 0) {
    return value;
  }
  // 24 bits, compared as src/network/random.ts does.
  let kept = f32(hash(key, row, unit) >> 8) * 0x1p-24 >= constants.dropout;
  return select(0.0, value / (1.0 - constants.dropout), kept);
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
