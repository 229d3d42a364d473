// metrics[slot] = {sum of losses, correct rows} over the rows of each step of a run: one workgroup a step, so
// that the sums have one order: invocation n takes the rows n, n + WORKGROUP, …

struct Constants {
  capacity: u32,
  // Words from one step's record to the next; a record begins with its rows, and its fourth word is its slot.
  stride: u32,
}

@group(0) @binding(0) var<storage, read> steps: array<u32>;
@group(0) @binding(1) var<storage, read> rowMetrics: array<vec2f>; // [slots, capacity]
@group(0) @binding(2) var<storage, read_write> metrics: array<vec2f>; // [slots]
@group(0) @binding(3) var<uniform> constants: Constants;

const WORKGROUP: u32 = 64;

var<workgroup> sums: array<vec2f, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let rows = steps[group.x * constants.stride];
  let slot = steps[group.x * constants.stride + 3];
  var sum = vec2f();
  for (var r = local; r < rows; r += WORKGROUP) {
    sum += rowMetrics[slot * constants.capacity + r];
  }
  sums[local] = sum;
  workgroupBarrier();
  if (local == 0) {
    // In eights, so that a sum is rounded sixteen times and not sixty-four.
    sum = vec2f();
    for (var first = 0u; first < WORKGROUP; first += 8) {
      var eight = sums[first];
      for (var n = first + 1; n < first + 8; n++) {
        eight += sums[n];
      }
      sum += eight;
    }
    metrics[slot] = sum;
  }
}
