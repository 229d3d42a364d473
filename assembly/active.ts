// Lists of the pixels of a batch that are not zero: for each row its pixels, for each pixel its rows. The
// first layer walks them instead of the pixels: the terms that it leaves out are zero, so its sums are the
// same to the last bit. Further layers walk such lists of the units before them, which are their pixels. An
// entry is {byte offset into a panel, value}. `lists` holds
//   the rows:   [capacity] of {count, entries [inputs]}
//   the pixels: ends [threads][1 + inputs], then entries [capacity · inputs]. A thread lists the pixels of its own
//               rows, from where its first row would begin, one pixel's entries behind the other's: another thread
//               reads them in order, as its processor expects. All parts of a pixel in order are the rows in order.

export const ENTRY: usize = 8;

/** The list of a row: a count in a word of an entry's size, then its entries. */
// @ts-ignore: decorator
@inline
export function rowList(lists: usize, row: u32, inputs: u32): usize {
  return lists + <usize>row * (inputs + 1) * ENTRY;
}

/** Where a thread's entries of each pixel end, in entries; before the first pixel's end stands 0. */
// @ts-ignore: decorator
@inline
export function pixelEnds(lists: usize, thread: u32, inputs: u32, capacity: u32): usize {
  return rowList(lists, capacity, inputs) + <usize>thread * endsBytes(inputs);
}

/** Whole cache lines: no two threads write to one. */
// @ts-ignore: decorator
@inline
function endsBytes(inputs: u32): usize {
  return (((<usize>inputs + 1) << 2) + 63) & ~63;
}

/** The entries of a thread's pixels, whose rows begin with `first`. */
// @ts-ignore: decorator
@inline
export function pixelEntries(lists: usize, first: u32, inputs: u32, capacity: u32, threads: u32): usize {
  return pixelEnds(lists, threads, inputs, capacity) + <usize>first * inputs * ENTRY;
}

/** Counts in the place of ends become beginnings, which grow to ends as entries are added. */
export function countsToBeginnings(ends: usize, inputs: u32): void {
  let total: u32 = 0;
  for (let at = ends + 4; at <= ends + (<usize>inputs << 2); at += 4) {
    const count = load<u32>(at);
    store<u32>(at, total);
    total += count;
  }
}
