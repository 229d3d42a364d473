// Distorts each image of the batch anew: turned, scaled, sheared, shifted, and bent by a smooth random field,
// as Simard, Steinkraus and Platt do (ICDAR 2003, section 2). Threads own rows.
//
// The field is random at nodes NODE pixels apart, smoothed over the nodes, and linear between them: four
// pixels of a row lie between the same two nodes, and make a vector.
import { Context } from './context';
import { hash, hashes, toUnit, toUnits } from './random';
import { shareBegin } from './share';
import { Step } from './step';

/** Pixels between two nodes of the field. */
const NODE: u32 = 4;
/** Nodes begin at this counter; the ones before it are of the affine part. */
const FIELD: u32 = 8;
/** Background around the copy of an image, so that no sample needs a check. */
const MARGIN: u32 = 1;
/** Below this the columns that may show ink are not worth working out: the image lies almost on its side. */
const LEAST_SLOPE: f32 = 0.25;

/** The part of an image that is not background; nothing of it lies outside. */
@unmanaged
class InkBox {
  left: f32;
  right: f32;
  top: f32;
  bottom: f32;
}

/** Nodes that `extent` pixels lie between. */
// @ts-ignore: decorator
@inline
function nodes(extent: u32): u32 {
  return (extent - 1) / NODE + 2;
}

/** Nodes of a row in memory, in whole vectors. */
// @ts-ignore: decorator
@inline
function nodeStride(extent: u32): u32 {
  return (nodes(extent) + 3) & ~3;
}

export function distort(
  images: usize, // uint8 [samples, height·width]
  labels: usize, // uint8 [samples]
  order: usize, // uint32 [samples]
  smoothRows: usize, // float32 [nodes(height), nodes(height)]
  smoothColumns: usize, // float32 [nodes(width), nodes(width)]
  distorted: usize, // uint8 [rows, height·width]
  distortedLabels: usize, // uint8 [rows]
  width: u32,
  height: u32,
  seed: u32,
  stream: u32,
  rotation: f32,
  scale: f32,
  shear: f32,
  shift: f32,
  elastic: f32,
  step: Step,
  context: Context,
): void {
  const strength = step.distortion;
  const key = hash(seed, stream, step.number);
  // In this thread's scratch memory: two fields, one more for their making, and a row between nodes; then the
  // image.
  const fieldBytes = <usize>(nodes(height) * nodeStride(width)) << 2;
  const fields = context.scratch;
  const spare = fields + 2 * fieldBytes;
  const between = spare + fieldBytes;
  const box = changetype<InkBox>(between + (<usize>nodeStride(width) << 3));
  const inkColumns = changetype<usize>(box) + offsetof<InkBox>();
  const padded = inkColumns + ((<usize>paddedStride(width) + 15) & ~15);
  const end = shareBegin(step.rows, context.thread + 1, context.threads);
  for (let r = shareBegin(step.rows, context.thread, context.threads); r < end; r++) {
    const sample = load<u32>(order + (<usize>(step.first + r) << 2));
    store<u8>(distortedLabels + r, load<u8>(labels + sample));
    const bend = elastic * strength;
    for (let component: u32 = 0; component < 2; component++) {
      const field = fields + <usize>component * fieldBytes;
      drawField(spare, key, r, component, width, height, bend);
      smooth(spare, field, smoothRows, smoothColumns, width, height);
    }
    pad(images + <usize>sample * width * height, padded, width, height);
    findInk(padded, inkColumns, box, width, height);
    const t = rotation * strength * symmetric(key, r, 0);
    const q: f32 = 1 / (1 + t * t);
    const cosine: f32 = (1 - t * t) * q;
    const sine: f32 = 2 * t * q;
    const scaleX: f32 = 1 + scale * strength * symmetric(key, r, 1);
    const scaleY: f32 = 1 + scale * strength * symmetric(key, r, 2);
    const k = shear * strength * symmetric(key, r, 3);
    const centreX = <f32>(width - 1) * 0.5;
    const centreY = <f32>(height - 1) * 0.5;
    sampleImage(
      padded,
      distorted + <usize>r * width * height,
      fields,
      fieldBytes,
      between,
      box,
      width,
      height,
      cosine * scaleX,
      (cosine * k - sine) * scaleY,
      sine * scaleX,
      (sine * k + cosine) * scaleY,
      centreX + shift * strength * symmetric(key, r, 4),
      centreY + shift * strength * symmetric(key, r, 5),
    );
  }
}

/** A random number in [−1, 1). */
// @ts-ignore: decorator
@inline
function symmetric(key: u32, row: u32, counter: u32): f32 {
  return 2 * toUnit(hash(key, row, counter)) - 1;
}

/** Independent numbers in [−bend, bend) at the nodes. */
function drawField(to: usize, key: u32, row: u32, component: u32, width: u32, height: u32, bend: f32): void {
  const columns = nodes(width);
  const stride = nodeStride(width);
  const rows = nodes(height);
  for (let y: u32 = 0; y < rows; y++) {
    const first = FIELD + (component * rows + y) * columns;
    for (let x: u32 = 0; x < stride; x += 4) {
      const unit = toUnits(hashes(key, row, first + x));
      const drawn = f32x4.sub(f32x4.mul(f32x4.splat(2), unit), f32x4.splat(1));
      v128.store(to + (<usize>(y * stride + x) << 2), f32x4.mul(f32x4.splat(bend), drawn));
    }
  }
}

/** to = smoothRows · from · smoothColumnsᵀ; `from` is overwritten. */
function smooth(from: usize, to: usize, smoothRows: usize, smoothColumns: usize, width: u32, height: u32): void {
  const columns = nodes(width);
  const stride = nodeStride(width);
  const rows = nodes(height);
  for (let y: u32 = 0; y < rows; y++) {
    for (let x: u32 = 0; x < stride; x += 4) {
      let sum = f32x4.splat(0);
      for (let v: u32 = 0; v < rows; v++) {
        const weight = v128.load32_splat(smoothRows + (<usize>(y * rows + v) << 2));
        sum = f32x4.add(sum, f32x4.mul(weight, v128.load(from + (<usize>(v * stride + x) << 2))));
      }
      v128.store(to + (<usize>(y * stride + x) << 2), sum);
    }
  }
  for (let y: u32 = 0; y < rows; y++) {
    const row = to + (<usize>(y * stride) << 2);
    // Its place in `from` is free, and takes the row while it is made.
    memory.copy(from, row, <usize>stride << 2);
    for (let x: u32 = 0; x < columns; x++) {
      const weights = smoothColumns + (<usize>(x * columns) << 2);
      let sum = f32x4.splat(0);
      let v: u32 = 0;
      for (; v + 4 <= columns; v += 4) {
        const at = <usize>v << 2;
        sum = f32x4.add(sum, f32x4.mul(v128.load(weights + at), v128.load(from + at)));
      }
      let total =
        f32x4.extract_lane(sum, 0) +
        f32x4.extract_lane(sum, 1) +
        f32x4.extract_lane(sum, 2) +
        f32x4.extract_lane(sum, 3);
      for (; v < columns; v++) total += load<f32>(weights + (<usize>v << 2)) * load<f32>(from + (<usize>v << 2));
      store<f32>(row + (<usize>x << 2), total);
    }
  }
}

/** Bytes from one row of the padded image to the next; two samples of the last pixel read one byte more. */
// @ts-ignore: decorator
@inline
function paddedStride(width: u32): u32 {
  return width + 2 * MARGIN + 1;
}

function pad(image: usize, padded: usize, width: u32, height: u32): void {
  const stride = <usize>paddedStride(width);
  memory.fill(padded, 0, stride * (height + 2 * MARGIN + 1));
  for (let y: u32 = 0; y < height; y++) {
    memory.copy(padded + (y + MARGIN) * stride + MARGIN, image + <usize>y * width, width);
  }
}

/**
 * Finds the columns and rows that have ink; an empty image has none.
 * @param columns room for a padded row, in whole vectors
 */
function findInk(padded: usize, columns: usize, box: InkBox, width: u32, height: u32): void {
  const stride = <usize>paddedStride(width);
  const bytes = (stride + 15) & ~15;
  memory.fill(columns, 0, bytes);
  let top: i32 = <i32>height;
  let bottom: i32 = -1;
  for (let y: u32 = 0; y < height; y++) {
    const row = padded + (y + MARGIN) * stride;
    let any = i32x4.splat(0);
    // Past the row's end it takes in the next row, which makes the box no smaller.
    for (let at: usize = 0; at < bytes; at += 16) {
      const pixels = v128.load(row + at);
      any = v128.or(any, pixels);
      v128.store(columns + at, v128.or(v128.load(columns + at), pixels));
    }
    if (!v128.any_true(any)) continue;
    top = min(top, <i32>y);
    bottom = <i32>y;
  }
  let left: i32 = <i32>width;
  let right: i32 = -1;
  for (let x: u32 = 0; x < width; x++) {
    if (load<u8>(columns + x + MARGIN) == 0) continue;
    left = min(left, <i32>x);
    right = <i32>x;
  }
  box.left = <f32>left;
  box.right = <f32>right;
  box.top = <f32>top;
  box.bottom = <f32>bottom;
}

/** The largest magnitude of a field, or of what lies in the lanes beside it. */
function largest(field: usize, bytes: usize): f32 {
  let most = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) most = f32x4.max(most, f32x4.abs(v128.load(field + at)));
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
}

/**
 * x' = a·(i − centre) + b·(j − centre) + toX + its field, and y' likewise; the value between the four pixels
 * there.
 */
function sampleImage(
  padded: usize,
  to: usize,
  fields: usize,
  fieldBytes: usize,
  between: usize,
  box: InkBox,
  width: u32,
  height: u32,
  a: f32,
  b: f32,
  d: f32,
  e: f32,
  toX: f32,
  toY: f32,
): void {
  const stride = nodeStride(width);
  const centreX = <f32>(width - 1) * 0.5;
  const centreY = <f32>(height - 1) * 0.5;
  const rowBytes = <usize>stride << 2;
  const pitch = i32x4.splat(paddedStride(width));
  const quarters = f32x4(0, 0.25, 0.5, 0.75);
  const limitX = f32x4.splat(<f32>width);
  const limitY = f32x4.splat(<f32>height);
  const least = f32x4.splat(-1);
  const bendLimitX = largest(fields, fieldBytes);
  const bendLimitY = largest(fields + fieldBytes, fieldBytes);
  const reachY = Mathf.abs(d) * centreX + bendLimitY + 1;
  memory.fill(to, 0, <usize>width * height);
  for (let j: u32 = 0; j < height; j++) {
    const y = <f32>j - centreY;
    // Most of an image is background: only where a pixel may come from ink is it worked out.
    const middleY = e * y + toY;
    if (middleY + reachY < box.top || middleY - reachY > box.bottom) continue;
    let first: u32 = 0;
    let end = width;
    if (a >= LEAST_SLOPE) {
      const middleX = b * y + toX;
      const low = centreX + (box.left - 1 - bendLimitX - middleX) / a;
      const high = centreX + (box.right + 1 + bendLimitX - middleX) / a;
      first = <u32>max<f32>(0, min<f32>(low, <f32>width)) & ~3;
      end = <u32>max<f32>(0, min<f32>(high + 2, <f32>width));
    }
    const nodeRow = fields + <usize>(j / NODE) * rowBytes;
    const share = f32x4.splat(<f32>(j % NODE) * 0.25);
    for (let component: u32 = 0; component < 2; component++) {
      const from = nodeRow + <usize>component * fieldBytes;
      const row = between + <usize>component * rowBytes;
      for (let at: usize = 0; at < rowBytes; at += 16) {
        const upper = v128.load(from + at);
        const lower = v128.load(from + rowBytes + at);
        v128.store(row + at, f32x4.add(upper, f32x4.mul(share, f32x4.sub(lower, upper))));
      }
    }
    const beginX = f32x4.splat(b * y);
    const beginY = f32x4.splat(e * y);
    for (let i: u32 = first; i < end; i += 4) {
      const node = between + <usize>i;
      const leftX = v128.load32_splat(node);
      const bendX = f32x4.add(leftX, f32x4.mul(quarters, f32x4.sub(v128.load32_splat(node, 4), leftX)));
      const leftY = v128.load32_splat(node + rowBytes);
      const rightY = v128.load32_splat(node + rowBytes, 4);
      const bendY = f32x4.add(leftY, f32x4.mul(quarters, f32x4.sub(rightY, leftY)));
      const x = f32x4.add(f32x4.splat(<f32>i - centreX), f32x4(0, 1, 2, 3));
      let sourceX = f32x4.add(f32x4.mul(f32x4.splat(a), x), beginX);
      let sourceY = f32x4.add(f32x4.mul(f32x4.splat(d), x), beginY);
      sourceX = f32x4.add(f32x4.add(sourceX, f32x4.splat(toX)), bendX);
      sourceY = f32x4.add(f32x4.add(sourceY, f32x4.splat(toY)), bendY);
      // What lies farther out is background as well.
      sourceX = f32x4.max(least, f32x4.min(limitX, sourceX));
      sourceY = f32x4.max(least, f32x4.min(limitY, sourceY));
      const floorX = f32x4.floor(sourceX);
      const floorY = f32x4.floor(sourceY);
      const column = i32x4.add(truncate(floorX), i32x4.splat(MARGIN));
      const line = i32x4.add(truncate(floorY), i32x4.splat(MARGIN));
      const at = i32x4.add(i32x4.mul(line, pitch), column);
      const value = between4(padded, <usize>paddedStride(width), at, f32x4.sub(sourceX, floorX), f32x4.sub(sourceY, floorY));
      storePixels(to + j * width + i, value, width - i);
    }
  }
}

/**
 * Four samples: each between two pixels of a line and the two below them. Most are background, and cost no
 * more than a look.
 */
// @ts-ignore: decorator
@inline
function between4(padded: usize, pitch: usize, at: v128, shareX: v128, shareY: v128): v128 {
  const first = padded + i32x4.extract_lane(at, 0);
  const second = padded + i32x4.extract_lane(at, 1);
  const third = padded + i32x4.extract_lane(at, 2);
  const fourth = padded + i32x4.extract_lane(at, 3);
  const none = i32x4.splat(0);
  let upper = v128.load16_lane(first, none, 0);
  upper = v128.load16_lane(second, upper, 2);
  upper = v128.load16_lane(third, upper, 4);
  upper = v128.load16_lane(fourth, upper, 6);
  let lower = v128.load16_lane(first + pitch, none, 0);
  lower = v128.load16_lane(second + pitch, lower, 2);
  lower = v128.load16_lane(third + pitch, lower, 4);
  lower = v128.load16_lane(fourth + pitch, lower, 6);
  if (!v128.any_true(v128.or(upper, lower))) return none;
  const byte = i32x4.splat(255);
  const upperLeft = f32x4.convert_i32x4_u(v128.and(upper, byte));
  const upperRight = f32x4.convert_i32x4_u(i32x4.shr_u(upper, 8));
  const lowerLeft = f32x4.convert_i32x4_u(v128.and(lower, byte));
  const lowerRight = f32x4.convert_i32x4_u(i32x4.shr_u(lower, 8));
  const above = f32x4.add(upperLeft, f32x4.mul(shareX, f32x4.sub(upperRight, upperLeft)));
  const below = f32x4.add(lowerLeft, f32x4.mul(shareX, f32x4.sub(lowerRight, lowerLeft)));
  const value = f32x4.add(above, f32x4.mul(shareY, f32x4.sub(below, above)));
  return truncate(f32x4.add(value, f32x4.splat(0.5)));
}

/** Drops the fractions of numbers far within the range of int32, for which relaxed conversions are exact. */
// @ts-ignore: decorator
@inline
function truncate(values: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(values);
  return i32x4.trunc_sat_f32x4_s(values);
}

/** Stores the first `count` of four whole numbers up to 255. */
// @ts-ignore: decorator
@inline
function storePixels(to: usize, values: v128, count: u32): void {
  const words = i16x8.narrow_i32x4_s(values, values);
  const bytes = i8x16.narrow_i16x8_u(words, words);
  if (count >= 4) {
    v128.store32_lane(to, bytes, 0);
    return;
  }
  const four = <u32>i32x4.extract_lane(bytes, 0);
  for (let n: u32 = 0; n < count; n++) store<u8>(to + n, <u8>(four >> (8 * n)));
}
