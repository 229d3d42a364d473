// gather_batch and the first dense_forward in one: pixels come as bytes, four to a load; `inputs` is a
// multiple of 4. targets and x are written for the kernels that follow. Otherwise as
// dense_forward_registers.wgsl.

struct Constants {
  inputs: u32,
  units: u32,
  activation: u32,
  dropped: u32,
  keptScale: f32,
  seed: u32,
  stream: u32,
  xAt: u32,
  kernelAt: u32,
  biasAt: u32,
  yAt: u32,
  scale: f32,
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
// x [rows, inputs] at xAt, y [rows, units] at yAt
@group(0) @binding(3) var<storage, read_write> activations: array<f32>;
@group(0) @binding(4) var<storage, read> parameters: array<f32>; // kernel [inputs, units], bias [units]
@group(0) @binding(5) var<storage, read_write> targets: array<u32>; // [rows]
@group(0) @binding(6) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// Whether x is written, which only a backward pass needs.
override KEEP: bool = true;

// A workgroup's tile: its invocations are LANES units apart in one direction, and one below the other.
const LANES: u32 = 4;
const DEEP: u32 = 2;
const UNITS: u32 = 8 * LANES;
const ROWS: u32 = 16 * DEEP;

// Activations: src/network/activation.ts.
const RELU: u32 = 1;
const LEAKY_RELU: u32 = 2;
const TANH: u32 = 3;
const SIGMOID: u32 = 4;
// The slope of LEAKY_RELU below zero.
const LEAK: f32 = 0.2;

@compute @workgroup_size(LANES, DEEP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let units = stride(constants.units);
  let quads = constants.inputs / 4;
  let unit = group.x * UNITS + local.x;
  let row = group.y * ROWS + local.y * 16;
  if (row >= step.rows) {
    return;
  }
  let x0 = image(row + 0);
  let x1 = image(row + 1);
  let x2 = image(row + 2);
  let x3 = image(row + 3);
  let x4 = image(row + 4);
  let x5 = image(row + 5);
  let x6 = image(row + 6);
  let x7 = image(row + 7);
  let x8 = image(row + 8);
  let x9 = image(row + 9);
  let x10 = image(row + 10);
  let x11 = image(row + 11);
  let x12 = image(row + 12);
  let x13 = image(row + 13);
  let x14 = image(row + 14);
  let x15 = image(row + 15);
  var sum0 = mat2x4f();
  var sum1 = mat2x4f();
  var sum2 = mat2x4f();
  var sum3 = mat2x4f();
  var sum4 = mat2x4f();
  var sum5 = mat2x4f();
  var sum6 = mat2x4f();
  var sum7 = mat2x4f();
  var sum8 = mat2x4f();
  var sum9 = mat2x4f();
  var sum10 = mat2x4f();
  var sum11 = mat2x4f();
  var sum12 = mat2x4f();
  var sum13 = mat2x4f();
  var sum14 = mat2x4f();
  var sum15 = mat2x4f();

  var k = constants.kernelAt + unit;
  for (var quad = 0u; quad < quads; quad++) {
    let p0 = images[x0 + quad];
    let p1 = images[x1 + quad];
    let p2 = images[x2 + quad];
    let p3 = images[x3 + quad];
    let p4 = images[x4 + quad];
    let p5 = images[x5 + quad];
    let p6 = images[x6 + quad];
    let p7 = images[x7 + quad];
    let p8 = images[x8 + quad];
    let p9 = images[x9 + quad];
    let p10 = images[x10 + quad];
    let p11 = images[x11 + quad];
    let p12 = images[x12 + quad];
    let p13 = images[x13 + quad];
    let p14 = images[x14 + quad];
    let p15 = images[x15 + quad];
    {
      let w = weights(k);
      k += units;
      sum0 += f32((p0) & 0xff) * w;
      sum1 += f32((p1) & 0xff) * w;
      sum2 += f32((p2) & 0xff) * w;
      sum3 += f32((p3) & 0xff) * w;
      sum4 += f32((p4) & 0xff) * w;
      sum5 += f32((p5) & 0xff) * w;
      sum6 += f32((p6) & 0xff) * w;
      sum7 += f32((p7) & 0xff) * w;
      sum8 += f32((p8) & 0xff) * w;
      sum9 += f32((p9) & 0xff) * w;
      sum10 += f32((p10) & 0xff) * w;
      sum11 += f32((p11) & 0xff) * w;
      sum12 += f32((p12) & 0xff) * w;
      sum13 += f32((p13) & 0xff) * w;
      sum14 += f32((p14) & 0xff) * w;
      sum15 += f32((p15) & 0xff) * w;
    }
    {
      let w = weights(k);
      k += units;
      sum0 += f32((p0 >> 8) & 0xff) * w;
      sum1 += f32((p1 >> 8) & 0xff) * w;
      sum2 += f32((p2 >> 8) & 0xff) * w;
      sum3 += f32((p3 >> 8) & 0xff) * w;
      sum4 += f32((p4 >> 8) & 0xff) * w;
      sum5 += f32((p5 >> 8) & 0xff) * w;
      sum6 += f32((p6 >> 8) & 0xff) * w;
      sum7 += f32((p7 >> 8) & 0xff) * w;
      sum8 += f32((p8 >> 8) & 0xff) * w;
      sum9 += f32((p9 >> 8) & 0xff) * w;
      sum10 += f32((p10 >> 8) & 0xff) * w;
      sum11 += f32((p11 >> 8) & 0xff) * w;
      sum12 += f32((p12 >> 8) & 0xff) * w;
      sum13 += f32((p13 >> 8) & 0xff) * w;
      sum14 += f32((p14 >> 8) & 0xff) * w;
      sum15 += f32((p15 >> 8) & 0xff) * w;
    }
    {
      let w = weights(k);
      k += units;
      sum0 += f32((p0 >> 16) & 0xff) * w;
      sum1 += f32((p1 >> 16) & 0xff) * w;
      sum2 += f32((p2 >> 16) & 0xff) * w;
      sum3 += f32((p3 >> 16) & 0xff) * w;
      sum4 += f32((p4 >> 16) & 0xff) * w;
      sum5 += f32((p5 >> 16) & 0xff) * w;
      sum6 += f32((p6 >> 16) & 0xff) * w;
      sum7 += f32((p7 >> 16) & 0xff) * w;
      sum8 += f32((p8 >> 16) & 0xff) * w;
      sum9 += f32((p9 >> 16) & 0xff) * w;
      sum10 += f32((p10 >> 16) & 0xff) * w;
      sum11 += f32((p11 >> 16) & 0xff) * w;
      sum12 += f32((p12 >> 16) & 0xff) * w;
      sum13 += f32((p13 >> 16) & 0xff) * w;
      sum14 += f32((p14 >> 16) & 0xff) * w;
      sum15 += f32((p15 >> 16) & 0xff) * w;
    }
    {
      let w = weights(k);
      k += units;
      sum0 += f32((p0 >> 24) & 0xff) * w;
      sum1 += f32((p1 >> 24) & 0xff) * w;
      sum2 += f32((p2 >> 24) & 0xff) * w;
      sum3 += f32((p3 >> 24) & 0xff) * w;
      sum4 += f32((p4 >> 24) & 0xff) * w;
      sum5 += f32((p5 >> 24) & 0xff) * w;
      sum6 += f32((p6 >> 24) & 0xff) * w;
      sum7 += f32((p7 >> 24) & 0xff) * w;
      sum8 += f32((p8 >> 24) & 0xff) * w;
      sum9 += f32((p9 >> 24) & 0xff) * w;
      sum10 += f32((p10 >> 24) & 0xff) * w;
      sum11 += f32((p11 >> 24) & 0xff) * w;
      sum12 += f32((p12 >> 24) & 0xff) * w;
      sum13 += f32((p13 >> 24) & 0xff) * w;
      sum14 += f32((p14 >> 24) & 0xff) * w;
      sum15 += f32((p15 >> 24) & 0xff) * w;
    }
  }

  let key = hash(constants.seed, constants.stream, step.number);
  // In a loop, which is compiled in half the time.
  var sums = array(
    sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7,
    sum8, sum9, sum10, sum11, sum12, sum13, sum14, sum15,
  );
  for (var r = 0u; r < 16u; r++) {
    store(sums[r] * constants.scale, row + r, unit, key);
  }

  let last = min(16u, step.rows - row);
  if (group.x == 0 && local.x == 0) {
    for (var r = 0u; r < last; r++) {
      let sample = order[step.first + row + r];
      targets[row + r] = (labels[sample / 4] >> (8 * (sample % 4))) & 0xff;
    }
  }
  // All workgroups of the rows share the writing of x.
  for (var r = 0u; KEEP && r < last; r++) {
    let image = image(row + r);
    let x = constants.xAt + (row + r) * constants.inputs;
    for (var quad = group.x * LANES + local.x; quad < quads; quad += LANES * groups.x) {
      let word = images[image + quad];
      for (var n = 0u; n < 4; n++) {
        activations[x + 4 * quad + n] = f32((word >> (8 * n)) & 0xff) * constants.scale;
      }
    }
  }
}

// Where the image of a row begins; rows past the last repeat it.
fn image(row: u32) -> u32 {
  return order[step.first + min(row, step.rows - 1)] * (constants.inputs / 4);
}

fn weights(k: u32) -> mat2x4f {
  return mat2x4f(
    parameters[k],
    parameters[k + LANES],
    parameters[k + 2 * LANES],
    parameters[k + 3 * LANES],
    parameters[k + 4 * LANES],
    parameters[k + 5 * LANES],
    parameters[k + 6 * LANES],
    parameters[k + 7 * LANES],
  );
}

fn store(sum: mat2x4f, row: u32, unit: u32, key: u32) {
  for (var c = 0u; c < 4; c++) {
    finish(sum[0][c], row, unit + c * LANES, key);
    finish(sum[1][c], row, unit + (c + 4) * LANES, key);
  }
}

fn finish(sum: f32, row: u32, unit: u32, key: u32) {
  if (row >= step.rows || unit >= constants.units) {
    return;
  }
  var value = sum + parameters[constants.biasAt + unit];
  value = activate(value);
  activations[constants.yAt + row * stride(constants.units) + unit] = drop(value, key, row, unit);
}

// What a unit puts out.
fn activate(z: f32) -> f32 {
  switch (constants.activation) {
    case RELU: {
      return max(z, 0.0);
    }
    case LEAKY_RELU: {
      return select(LEAK * z, z, z > 0.0);
    }
    case TANH: {
      let e = exp(-2 * abs(z));
      return sign(z) * (1 - e) / (1 + e);
    }
    case SIGMOID: {
      let e = exp(-abs(z));
      return select(e, 1.0, z > 0.0) / (1 + e);
    }
    default: {
      return z;
    }
  }
}

fn drop(value: f32, key: u32, row: u32, unit: u32) -> f32 {
  if (constants.dropped == 0) {
    return value;
  }
  // As keepsUnit() in src/network/random.ts.
  let kept = hash(key, row, unit) >> 8 >= constants.dropped;
  return select(0.0, value * constants.keptScale, kept);
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

// From one row of a buffer to the next: rows begin at multiples of four elements.
fn stride(width: u32) -> u32 {
  return (width + 3) / 4 * 4;
}
