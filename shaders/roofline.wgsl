// What the device can do at most: chains of multiply-adds, a copy, and next to nothing.
// src/engine/webgpu/roofline.ts measures with them.

// f16 in place of f32 measures the multiply-adds of half precision.
alias scalar = f32;
alias quad = vec4<scalar>;

struct Constants {
  rounds: u32,
}

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> result: array<vec4f>;
@group(0) @binding(2) var<uniform> constants: Constants;

const WORKGROUP: u32 = 64;

// Multiply-adds of vectors in a round of one invocation: eight independent chains, four times over.
// 8 · 4 · 4 lanes · 2 operations = OPERATIONS.
const OPERATIONS: u32 = 256;

@compute @workgroup_size(WORKGROUP)
fn multiply_add(@builtin(global_invocation_id) id: vec3u) {
  // The same factor and summand everywhere: three operands of their own for each instruction would be more
  // than some GPUs' registers can deliver.
  let a = quad(scalar(source[id.x].x * 1e-3 + 0.999));
  let b = quad(scalar(source[id.x].x * 1e-3));
  var s0 = a;
  var s1 = a + 1;
  var s2 = a + 2;
  var s3 = a + 3;
  var s4 = a + 4;
  var s5 = a + 5;
  var s6 = a + 6;
  var s7 = a + 7;
  for (var round = 0u; round < constants.rounds; round++) {
    s0 = fma(s0, a, b); s1 = fma(s1, a, b); s2 = fma(s2, a, b); s3 = fma(s3, a, b);
    s4 = fma(s4, a, b); s5 = fma(s5, a, b); s6 = fma(s6, a, b); s7 = fma(s7, a, b);
    s0 = fma(s0, a, b); s1 = fma(s1, a, b); s2 = fma(s2, a, b); s3 = fma(s3, a, b);
    s4 = fma(s4, a, b); s5 = fma(s5, a, b); s6 = fma(s6, a, b); s7 = fma(s7, a, b);
    s0 = fma(s0, a, b); s1 = fma(s1, a, b); s2 = fma(s2, a, b); s3 = fma(s3, a, b);
    s4 = fma(s4, a, b); s5 = fma(s5, a, b); s6 = fma(s6, a, b); s7 = fma(s7, a, b);
    s0 = fma(s0, a, b); s1 = fma(s1, a, b); s2 = fma(s2, a, b); s3 = fma(s3, a, b);
    s4 = fma(s4, a, b); s5 = fma(s5, a, b); s6 = fma(s6, a, b); s7 = fma(s7, a, b);
  }
  result[id.x] = vec4f(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7);
}

@compute @workgroup_size(WORKGROUP)
fn copy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&source); i += groups.x * WORKGROUP) {
    result[i] = source[i];
  }
}

// Each dispatch needs what the one before it wrote.
@compute @workgroup_size(1)
fn touch() {
  result[0] += source[0] + f32(constants.rounds);
}
