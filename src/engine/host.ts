// What an engine needs of its surroundings and cannot get in the same way in a browser and in Node.
import type { Failure } from '../failure.ts';

/** A thread that runs src/engine/wasm/thread.ts. */
export interface Thread {
  /**
   * Settles when the thread has read what to do and waits for the first job.
   * @param start a ThreadStart
   * @throws Error if the thread cannot
   */
  begin(start: unknown): Promise<void>;
  /** Gives the thread back: it is at its event loop again, or will be shortly. */
  end(): void;
  /**
   * Ends a thread that may never come back to its event loop.
   * @returns what it failed with, if it said so
   */
  abandon(): Promise<string | undefined>;
}

/** What was timed on earlier occasions, by device and shape. Losing it costs nothing but time. */
export interface TuningCache {
  /** As it lies there: another version may have kept it. */
  read(): Promise<unknown>;
  write(entries: { readonly [key: string]: string }): Promise<void>;
}

/** A worker of its own for a peer of the benchmark. */
export interface Realm {
  /** Where Comlink exposes it. */
  readonly port: MessagePort;
  /** The worker's. */
  readonly failure: Failure;
  /** @returns bytes of the script that its helper threads loaded, as it travelled */
  helperBytes(): Promise<number>;
  end(): void;
}

/** What the WASM engine needs. */
export interface ThreadHost {
  /** Logical processors. */
  readonly processors: number;
  /** Why threads over shared memory cannot be had here, or undefined if they can. */
  readonly threadsUnavailable: string | undefined;
  spawnThread(): Thread;
}

export interface Host extends ThreadHost {
  /** "node 20.20.2", or the browser's name and version. */
  readonly runtime: string;
  readonly userAgent: string;
  /** WebGPU, or why there is none. */
  gpu(): Promise<GPU | string>;
  readonly tuning: TuningCache;
  /**
   * Starts the worker of a peer; undefined where peers share a thread with everything else.
   * @param threads of our WASM engine
   */
  readonly startRealm?: (peer: string, threads: number) => Promise<Realm>;
  /**
   * Bytes that all of the page's workers hold, after a garbage collection.
   * @throws Error where it is not told
   */
  readonly measureMemory?: () => Promise<number>;
  /** Hints for whoever compares results. */
  readonly machine?: () => Promise<{ readonly memory?: number; readonly power?: string }>;
  /** Prefix of tfjs-backend-wasm's .wasm files. */
  readonly tfjsWasmPath: string;
  /** Prefix of onnxruntime-web's files, a peer of the benchmark; undefined where it finds them itself. */
  readonly onnxWasmPath: string | undefined;
  /** Prefix of LiteRT.js's files, another peer; undefined where it does not run. */
  readonly litertPath: string | undefined;
}
