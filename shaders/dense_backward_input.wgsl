// dx = (dy·kernelᵀ) · scale where x > 0, else 0: the derivative of the ReLU and dropout that made x. Staged
// in workgroup memory as dense_forward.wgsl is.

struct Constants {
  inputs: u32,
  units: u32,
  scale: f32,
  dyAt: u32,
  kernelAt: u32,
  xAt: u32,
  dxAt: u32,
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

@group(0) @binding(0) var<storage, read_write> gradients: array<f32>; // dy [rows, units] at dyAt, dx [rows, inputs] at dxAt
@group(0) @binding(1) var<storage, read> parameters: array<f32>; // kernel [inputs, units]
@group(0) @binding(2) var<storage, read> activations: array<f32>; // x [rows, inputs]
@group(0) @binding(3) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

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

// What products are computed of; sums are float32. In float16 gradients are scaled, or the small ones would
// be lost.
alias scalar = f32;
alias quad = vec4<scalar>;
const GRADIENT_SCALE: f32 = 1024;

var<workgroup> left: array<quad, QUADS>; // [DEPTH][SIDE] of four rows of dy
var<workgroup> right: array<quad, QUADS>; // [DEPTH][SIDE] of four inputs of the kernel
var<workgroup> sums: array<mat2x4f, SUMS>; // of one slice, half a tile

@compute @workgroup_size(SIDE, SIDE, SLICES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let input = group.x * TILE;
  let row = group.y * TILE;
  var sum = mat4x4f();
  for (var first = 0u; first < constants.units; first += DEPTH) {
    for (var n = index; n < QUADS; n += INVOCATIONS) {
      let u = first + n % DEPTH;
      let four = n / DEPTH;
      let at = n % DEPTH * SIDE + four;
      left[at] = quad(GRADIENT_SCALE * rows(u, row + 4 * four));
      right[at] = quad(weights(u, input + 4 * four));
    }
    workgroupBarrier();
    sum = multiply(sum, local);
    workgroupBarrier();
  }
  sum = combine(sum, local);
  if (local.z == 0) {
    for (var r = 0u; r < 4; r++) {
      for (var c = 0u; c < 4; c++) {
        finish(sum[r][c], row + 4 * local.y + r, input + 4 * local.x + c);
      }
    }
  }
}

// Four rows of one unit; nothing past the last unit.
fn rows(u: u32, row: u32) -> vec4f {
  let units = constants.units;
  if (u >= units) {
    return vec4f();
  }
  let at = constants.dyAt + row * units + u;
  return vec4f(gradients[at], gradients[at + units], gradients[at + 2 * units], gradients[at + 3 * units]);
}

// Four inputs of one unit; nothing past the last unit.
fn weights(u: u32, input: u32) -> vec4f {
  let units = constants.units;
  if (u >= units) {
    return vec4f();
  }
  let at = constants.kernelAt + input * units + u;
  return vec4f(parameters[at], parameters[at + units], parameters[at + 2 * units], parameters[at + 3 * units]);
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

fn finish(sum: f32, row: u32, input: u32) {
  if (row >= step.rows || input >= constants.inputs) {
    return;
  }
  let at = row * constants.inputs + input;
  gradients[constants.dxAt + at] = select(0.0, sum * constants.scale / GRADIENT_SCALE, activations[constants.xAt + at] > 0);
}
