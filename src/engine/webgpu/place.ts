// Where the engine finds what lies in its GPU buffers.

/** A part of a GPU buffer. */
export interface Place {
  /** Name of the GPU buffer: an arena, or the plan's own name. */
  readonly buffer: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  /** Elements of a row, and from one row to the next; in an arena those begin at whole quads. */
  readonly width: number;
  readonly stride: number;
}

export interface Placement {
  readonly places: ReadonlyMap<string, Place>;
  /** Bytes of each GPU buffer. */
  readonly sizes: ReadonlyMap<string, number>;
}
