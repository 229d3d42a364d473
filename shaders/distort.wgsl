// Distorts each image of the batch anew: turned, scaled, sheared, shifted, and bent by a smooth random field,
// as Simard, Steinkraus and Platt do (ICDAR 2003, section 2). One workgroup four rows, whose bytes are whole
// words.
//
// The field is random at nodes NODE pixels apart, smoothed over the nodes, and linear between them.

struct Constants {
  width: u32,
  height: u32,
  seed: u32,
  stream: u32,
  rotation: f32, // the tangent of half the largest angle
  scale: f32,
  shear: f32,
  shift: f32, // pixels
  elastic: f32, // pixels
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

@group(0) @binding(0) var<storage, read> images: array<u32>; // uint8 [samples, height·width], four to a word
@group(0) @binding(1) var<storage, read> labels: array<u32>; // uint8 [samples], four to a word
@group(0) @binding(2) var<storage, read> order: array<u32>; // [samples]
@group(0) @binding(3) var<storage, read> smoothRows: array<f32>; // [nodes(height), nodes(height)]
@group(0) @binding(4) var<storage, read> smoothColumns: array<f32>; // [nodes(width), nodes(width)]
// uint8 [rows, height·width], four to a word
@group(0) @binding(5) var<storage, read_write> distorted: array<u32>;
@group(0) @binding(6) var<storage, read_write> distortedLabels: array<u32>; // uint8 [rows], four to a word
@group(0) @binding(7) var<uniform> constants: Constants;
@group(1) @binding(0) var<uniform> step: Step;

const WORKGROUP: u32 = 256;
const ROWS: u32 = 4;
const NODE: u32 = 4;
/// Nodes begin at this counter; the ones before it are of the affine part.
const FIELD: u32 = 8;
/// Numbers of a row's field: two components of at most 15 × 15 nodes, so that two fields for each row fit a
/// workgroup's memory.
const MAX_NODES: u32 = 450;

var<workgroup> drawn: array<f32, MAX_NODES * ROWS>;
var<workgroup> fields: array<f32, MAX_NODES * ROWS>;
/// Where the pixel in the middle comes from, and the 2×2 matrix of each row.
var<workgroup> matrices: array<vec4f, ROWS>;
var<workgroup> targets: array<vec2f, ROWS>;
var<workgroup> samples: array<u32, ROWS>;

// The counter-based hash of src/network/random.ts.
fn hash(seed: u32, stream: u32, counter: u32) -> u32 {
  var v = vec3u(seed, stream, counter) * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3u(16);
  return v.x + v.y * v.z;
}

/// A random number in [−1, 1).
fn symmetric(key: u32, row: u32, counter: u32) -> f32 {
  return 2.0 * (f32(hash(key, row, counter) >> 8) * (1.0 / 16777216.0)) - 1.0;
}

fn pixelOf(sample: u32, x: i32, y: i32) -> f32 {
  if (x < 0 || y < 0 || x >= i32(constants.width) || y >= i32(constants.height)) {
    return 0.0;
  }
  let at = (sample * constants.height + u32(y)) * constants.width + u32(x);
  return f32((images[at / 4] >> (8 * (at % 4))) & 0xff);
}

/// The displacement of pixel (i, j) along one axis.
fn bend(field: u32, nodeColumns: u32, i: u32, j: u32) -> f32 {
  let node = field + (j / NODE) * nodeColumns + i / NODE;
  let shareY = f32(j % NODE) * 0.25;
  let shareX = f32(i % NODE) * 0.25;
  let left = mix(fields[node], fields[node + nodeColumns], shareY);
  let right = mix(fields[node + 1], fields[node + nodeColumns + 1], shareY);
  return mix(left, right, shareX);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let key = hash(constants.seed, constants.stream, step.number);
  let firstRow = group.x * ROWS;
  let nodeRows = (constants.height - 1) / NODE + 2;
  let nodeColumns = (constants.width - 1) / NODE + 2;
  let nodes = nodeRows * nodeColumns;
  let perRow = 2 * nodes;

  for (var n = invocation; n < ROWS * perRow; n += WORKGROUP) {
    let row = firstRow + n / perRow;
    drawn[n] = constants.elastic * step.distortion * symmetric(key, row, FIELD + n % perRow);
  }
  if (invocation < ROWS) {
    let row = firstRow + invocation;
    // Rows past the last one are of no use, but lie within the data.
    samples[invocation] = order[step.first + min(row, step.rows - 1)];
    let t = constants.rotation * step.distortion * symmetric(key, row, 0);
    let q = 1.0 / (1.0 + t * t);
    let cosine = (1.0 - t * t) * q;
    let sine = 2.0 * t * q;
    let scaleX = 1.0 + constants.scale * step.distortion * symmetric(key, row, 1);
    let scaleY = 1.0 + constants.scale * step.distortion * symmetric(key, row, 2);
    let k = constants.shear * step.distortion * symmetric(key, row, 3);
    matrices[invocation] =
      vec4f(cosine * scaleX, (cosine * k - sine) * scaleY, sine * scaleX, (sine * k + cosine) * scaleY);
    let shift = constants.shift * step.distortion;
    targets[invocation] = vec2f(f32(constants.width - 1), f32(constants.height - 1)) * 0.5 +
      shift * vec2f(symmetric(key, row, 4), symmetric(key, row, 5));
  }
  workgroupBarrier();

  // Down the columns, and then along the rows.
  for (var n = invocation; n < ROWS * perRow; n += WORKGROUP) {
    let field = n - n % nodes;
    let y = (n % nodes) / nodeColumns;
    let x = n % nodeColumns;
    var sum = 0.0;
    for (var v = 0u; v < nodeRows; v++) {
      sum += smoothRows[y * nodeRows + v] * drawn[field + v * nodeColumns + x];
    }
    fields[n] = sum;
  }
  workgroupBarrier();
  for (var n = invocation; n < ROWS * perRow; n += WORKGROUP) {
    let line = n - n % nodeColumns;
    let x = n % nodeColumns;
    var sum = 0.0;
    for (var v = 0u; v < nodeColumns; v++) {
      sum += smoothColumns[x * nodeColumns + v] * fields[line + v];
    }
    drawn[n] = sum;
  }
  workgroupBarrier();
  for (var n = invocation; n < ROWS * perRow; n += WORKGROUP) {
    fields[n] = drawn[n];
  }
  workgroupBarrier();

  let inputs = constants.width * constants.height;
  let centre = vec2f(f32(constants.width - 1), f32(constants.height - 1)) * 0.5;
  // As many words as pixels of a row: four rows.
  for (var word = invocation; word < inputs; word += WORKGROUP) {
    var packed = 0u;
    for (var byte = 0u; byte < 4; byte++) {
      let flat = 4 * word + byte;
      let row = flat / inputs;
      let pixel = flat % inputs;
      let i = pixel % constants.width;
      let j = pixel / constants.width;
      let m = matrices[row];
      let offset = vec2f(f32(i), f32(j)) - centre;
      let field = row * perRow;
      let x = m.x * offset.x + m.y * offset.y + targets[row].x + bend(field, nodeColumns, i, j);
      let y = m.z * offset.x + m.w * offset.y + targets[row].y + bend(field + nodes, nodeColumns, i, j);
      let corner = vec2f(floor(x), floor(y));
      let left = i32(clamp(corner.x, -2.0, f32(constants.width)));
      let top = i32(clamp(corner.y, -2.0, f32(constants.height)));
      let share = vec2f(x, y) - corner;
      let sample = samples[row];
      let above = mix(pixelOf(sample, left, top), pixelOf(sample, left + 1, top), share.x);
      let below = mix(pixelOf(sample, left, top + 1), pixelOf(sample, left + 1, top + 1), share.x);
      packed |= u32(mix(above, below, share.y) + 0.5) << (8 * byte);
    }
    let at = group.x * inputs + word;
    if (at < arrayLength(&distorted)) {
      distorted[at] = packed;
    }
  }
  if (invocation == 0 && group.x < arrayLength(&distortedLabels)) {
    var packed = 0u;
    for (var row = 0u; row < ROWS; row++) {
      let sample = samples[row];
      packed |= ((labels[sample / 4] >> (8 * (sample % 4))) & 0xff) << (8 * row);
    }
    distortedLabels[group.x] = packed;
  }
}
