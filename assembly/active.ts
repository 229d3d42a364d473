// Lists of the pixels of a batch that are not zero: for each row its pixels, for each pixel its rows. The
// first layer walks them instead of the pixels: the terms that it leaves out are zero, so its sums are the
// same to the last bit. Further layers walk such lists of the units before them, which are their pixels. An
// entry is {byte offset into a panel, value}. `lists` holds
//   the rows:   [capacity] of {count, entries [inputs]}
//   the pixels: counts [threads][inputs], then [inputs] of entries [capacity]; a thread fills the part that begins at
//               its own first row, so that all parts in order are the rows in order.

export const ENTRY: usize = 8;

/** The list of a row: a count in a word of an entry's size, then its entries. */
// @ts-ignore: decorator
@inline
export function rowList(lists: usize, row: u32, inputs: u32): usize {
  return lists + <usize>row * (inputs + 1) * ENTRY;
}

/** The counts of the pixels of one thread's rows. */
// @ts-ignore: decorator
@inline
export function pixelCounts(lists: usize, thread: u32, inputs: u32, capacity: u32): usize {
  return rowList(lists, capacity, inputs) + ((<usize>thread * inputs) << 2);
}

/** The entries of a pixel. */
// @ts-ignore: decorator
@inline
export function pixelList(lists: usize, pixel: u32, inputs: u32, capacity: u32, threads: u32): usize {
  return pixelCounts(lists, threads, inputs, capacity) + <usize>pixel * capacity * ENTRY;
}
