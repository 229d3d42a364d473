// Where a job of a fleet ran.

/** Where a session was: a browser of a node. */
export interface Place {
  /** The slot's name in the Grid, which changes when its node starts anew. */
  readonly slot: string;
  /** The address of the node. */
  readonly node: string;
  /** "chrome 156.0.8078.108" */
  readonly browser: string;
  /** "linux", where it is told. */
  readonly platform?: string;
}

/** "chrome 156.0.8078.108 at http://10.0.0.7:5555" */
export const describePlace = ({ browser, node }: Place) => `${browser} at ${node}`;
