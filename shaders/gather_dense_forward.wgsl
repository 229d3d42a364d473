// gather_batch and the first dense_forward in one: pixels come as bytes, four to a load; `inputs` is a
// multiple of 4. targets and x are written for the kernels that follow. As dense_forward.wgsl otherwise.

struct Constants {
  inputs: u32,
  units: u32,
  relu: u32,
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
@group(0) @binding(3) var<storage, read_write> activations: array<f32>; // x [rows, inputs] at xAt, y [rows, units] at yAt
@group(0) @binding(4) var<storage, read> parameters: array<f32>; // kernel [inputs, units], bias [units]
@group(0) @binding(5) var<storage, read_write> targets: array<u32>; // [rows]
@group(0) @binding(6) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

// Whether x is written, which only a backward pass needs.
override KEEP: bool = true;

// A workgroup computes a tile of TILE × TILE; its invocations keep 4 × 4 each. The sum is taken in SLICES
// parts side by side (split-K within a workgroup), so that a small output keeps a whole workgroup busy.
const TILE: u32 = 64;
const SLICES: u32 = 1;
const SIDE: u32 = TILE / 4;
const INVOCATIONS: u32 = SIDE * SIDE * SLICES;
// Terms of the sum that are staged at once.
const SLICE: u32 = 16;
const DEPTH: u32 = SLICE * SLICES;
const QUADS: u32 = DEPTH * SIDE;
const SUMS: u32 = select(1, SIDE * SIDE, SLICES > 1);

// What products are computed of; sums are float32.
alias scalar = f32;
alias quad = vec4<scalar>;

var<workgroup> left: array<quad, QUADS>; // [DEPTH][SIDE] of four rows of x
var<workgroup> right: array<quad, QUADS>; // [DEPTH][SIDE] of four units of the kernel
var<workgroup> sums: array<mat2x4f, SUMS>; // of one slice, half a tile

@compute @workgroup_size(SIDE, SIDE, SLICES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let unit = group.x * TILE;
  let row = group.y * TILE;
  var sum = mat4x4f();
  for (var first = 0u; first < constants.inputs; first += DEPTH) {
    for (var n = index; n < QUADS; n += INVOCATIONS) {
      left[n % DEPTH * SIDE + n / DEPTH] = quad(rows(first + n % DEPTH, row + 4 * (n / DEPTH), KEEP && group.x == 0));
      right[n] = quad(weights(first + n / SIDE, unit + 4 * (n % SIDE)));
    }
    workgroupBarrier();
    sum = multiply(sum, local);
    workgroupBarrier();
  }
  sum = combine(sum, local);
  if (local.z == 0) {
    if (group.x == 0 && local.x == 0) {
      for (var r = row + 4 * local.y; r < min(row + 4 * local.y + 4, step.rows); r++) {
        let sample = order[step.first + r];
        targets[r] = (labels[sample / 4] >> (8 * (sample % 4))) & 0xff;
      }
    }
    let key = hash(constants.seed, constants.stream, step.number);
    for (var r = 0u; r < 4; r++) {
      for (var c = 0u; c < 4; c++) {
        finish(sum[r][c], row + 4 * local.y + r, unit + 4 * local.x + c, key);
      }
    }
  }
}

// Four rows of one pixel; nothing past the last pixel. The first workgroups of the rows keep x.
fn rows(input: u32, row: u32, keep: bool) -> vec4f {
  if (input >= constants.inputs) {
    return vec4f();
  }
  let x = vec4f(pixel(row, input), pixel(row + 1, input), pixel(row + 2, input), pixel(row + 3, input));
  if (keep) {
    for (var r = 0u; r < 4 && row + r < step.rows; r++) {
      activations[constants.xAt + (row + r) * constants.inputs + input] = x[r];
    }
  }
  return x;
}

// Rows past the last repeat it.
fn pixel(row: u32, input: u32) -> f32 {
  let sample = order[step.first + min(row, step.rows - 1)];
  let word = images[sample * (constants.inputs / 4) + input / 4];
  return f32((word >> (8 * (input % 4))) & 0xff) * constants.scale;
}

// Four units of one input; nothing past the last input.
fn weights(input: u32, unit: u32) -> vec4f {
  if (input >= constants.inputs) {
    return vec4f();
  }
  let at = constants.kernelAt + input * constants.units + unit;
  return vec4f(parameters[at], parameters[at + 1], parameters[at + 2], parameters[at + 3]);
}

// The sums of this invocation's slice over what is staged.
fn multiply(sum: mat4x4f, local: vec3u) -> mat4x4f {
  var s0 = sum[0];
  var s1 = sum[1];
  var s2 = sum[2];
  var s3 = sum[3];
  var at = local.z * SLICE * SIDE;
  for (var k = 0u; k < SLICE; k++) {
    let a = vec4f(left[at + local.y]);
    let b = vec4f(right[at + local.x]);
    s0 += a.x * b;
    s1 += a.y * b;
    s2 += a.z * b;
    s3 += a.w * b;
    at += SIDE;
  }
  return mat4x4f(s0, s1, s2, s3);
}

// The first slice's invocations get the sums of all slices, always in the same order.
fn combine(sum: mat4x4f, local: vec3u) -> mat4x4f {
  var total = sum;
  let at = local.y * SIDE + local.x;
  for (var slice = 1u; slice < SLICES; slice++) {
    if (local.z == slice) {
      sums[at] = mat2x4f(sum[0], sum[1]);
    }
    workgroupBarrier();
    if (local.z == 0) {
      total += mat4x4f(sums[at][0], sums[at][1], vec4f(), vec4f());
    }
    workgroupBarrier();
    if (local.z == slice) {
      sums[at] = mat2x4f(sum[2], sum[3]);
    }
    workgroupBarrier();
    if (local.z == 0) {
      total += mat4x4f(vec4f(), vec4f(), sums[at][0], sums[at][1]);
    }
    workgroupBarrier();
  }
  return total;
}

fn finish(sum: f32, row: u32, unit: u32, key: u32) {
  if (row >= step.rows || unit >= constants.units) {
    return;
  }
  var value = sum + parameters[constants.biasAt + unit];
  value = select(value, max(value, 0.0), constants.relu != 0);
  activations[constants.yAt + row * constants.units + unit] = drop(value, key, row, unit);
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
