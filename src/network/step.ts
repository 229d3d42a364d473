// The record of a step: what changes from one step to the next, for every kernel.

/** Per-step values: a record of eight 32-bit words that every kernel may read. */
export const STEP_FIELDS = {
  /** Rows of this batch that are in use. */
  rows: 'uint32',
  /** Where in `order` the batch begins. */
  first: 'uint32',
  /** Optimizer steps taken before this one; the counter of the dropout masks. */
  number: 'uint32',
  /** Row of `metrics` that this step writes. */
  slot: 'uint32',
  learningRate: 'float32',
  /** AdamW's 1/(1−β₁ᵗ) and 1/(1−β₂ᵗ), computed on the host in float64. */
  correction1: 'float32',
  correction2: 'float32',
  /** Strength of the distortion: 1, or 0 for the images as they are. */
  distortion: 'float32',
} as const;

export type Step = { readonly [F in keyof typeof STEP_FIELDS]: number };

/** A step of one row that changes no parameter. */
export const STILL_STEP: Step = {
  rows: 1,
  first: 0,
  number: 0,
  slot: 0,
  learningRate: 0,
  correction1: 1,
  correction2: 1,
  distortion: 0,
};

export const STEP_BYTES = 32;

/** Values in order, each as its type says, little-endian. */
export function packWords(
  fields: { readonly [name: string]: 'uint32' | 'float32' },
  values: { readonly [name: string]: number },
  into: DataView,
  offset = 0,
): void {
  for (const [name, type] of Object.entries(fields)) {
    if (type === 'uint32') into.setUint32(offset, values[name], true);
    else into.setFloat32(offset, values[name], true);
    offset += 4;
  }
}
