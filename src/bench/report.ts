// What is asked of a benchmark, and what comes out of it.
import type { DeviceOverheads } from '../engine/webgpu/roofline.ts';
import type { WgslSources } from '../engine/webgpu/shaders.ts';
import type { BenchBackend, PeerName, Suite } from './options.ts';
import type { Spread } from './turns.ts';

export interface BenchJob {
  readonly backend: BenchBackend;
  /** WebGPU: time the tilings of each product first. */
  readonly autotune?: boolean;
  readonly suites: readonly Suite[];
  /** "784-128-10", … */
  readonly networks: readonly string[];
  readonly batches: readonly number[];
  /** For each case. */
  readonly seconds: number;
  /** Seeds of time to accuracy; left out, five. */
  readonly seeds?: number;
  readonly peers: readonly PeerName[];
  /** Threads of our WASM engine and of peers that have them; left out, one for each processor. */
  readonly threads?: number;
  /** Also our builds and modes that are not the fastest or most exact. */
  readonly allVariants?: boolean;
  /**
   * WebGPU, the suite `kernels`: texts in place of files of shaders/, by name without `.wgsl`, each timed against
   * the file.
   */
  readonly shaders?: WgslSources;
}

export type BenchEvent =
  | {
      readonly kind: 'benching';
      readonly what: string;
      /** Cases that are done, of `total`. */
      readonly done: number;
      readonly total: number;
    }
  /**
   * Within the case that was announced last: who starts or is timed, and the share of the case that is done.
   */
  | { readonly kind: 'timing'; readonly what: string; readonly share: number };

/** Tells what goes on within a case. */
export type OnTiming = (what: string, share: number) => void;

export interface Entry {
  readonly threads: number;
  readonly milliseconds: Spread;
  readonly gflops: number;
  /** Calls that a sample is the mean of, where single calls are too short for the clock. */
  readonly callsPerSample?: number;
  /** Only in the suites `start` and `memory`. */
  readonly start?: Start;
}

/** How a fresh worker comes to its first trained step; milliseconds are medians. */
export interface Start {
  /** Until the worker's own script answers. */
  readonly script: number;
  /** Until the library is loaded and compiled, and the data lies where it computes. */
  readonly open: number;
  /** Until the first step's loss is known. */
  readonly step: number;
  /** Bytes of all files that it loaded, compressed as they travel; not every browser tells. */
  readonly downloaded?: number;
  /** Bytes that it holds after that step: JavaScript and WASM. */
  readonly memory?: number;
}

export interface PeerEntry extends Partial<Entry> {
  readonly name: string;
  readonly version?: string;
  /** The peer's time over the subject's, pair by pair: above 1 the subject is faster. */
  readonly ratio?: { readonly median: number; readonly low: number; readonly high: number };
  /** How far the answer is from the float64 oracle's (training) or the subject's (inference). */
  readonly maxAbsDifference?: number;
  /** Why there is no time. */
  readonly error?: string;
}

/** The speed of one training, from its first epoch to its last; evaluations are left out. */
export interface EpochSpeeds {
  readonly imagesPerSecond: readonly number[];
  /** The last epoch's images per second over the first's: 1 where nothing slows down. */
  readonly lastToFirst: number;
}

export interface BenchCase {
  readonly suite: Suite;
  readonly name: string;
  readonly network: string;
  readonly batch: number;
  readonly subject: Entry & {
    readonly backend: string;
    /** The share of the roofline of as many threads. */
    readonly rooflineFraction: number;
    /** Only in the suite `kernels`: what is read and written at least. */
    readonly gigabytesPerSecond?: number;
    /**
     * How far the answer is from the oracle's; a single kernel, which the tests hold against it, has none.
     */
    readonly maxAbsDifference?: number;
  };
  readonly peers: readonly PeerEntry[];
  /** Only in the suite `epoch`; older results have none. */
  readonly epochs?: EpochSpeeds;
}

export interface BenchEnvironment {
  readonly runtime: string;
  readonly userAgent: string;
  /** Logical processors. */
  readonly processors: number;
  /** Shared memory, without which there are no threads. */
  readonly isolated: boolean;
  /** Milliseconds: the smallest step of the clock that was seen. */
  readonly clock: number;
  /**
   * WebGPU's adapter, or why there is none: vendor, architecture, device and driver as far as they are told.
   */
  readonly adapter: string;
  /** The adapter's features among those that this project uses. */
  readonly features: readonly string[];
  /** Bytes of main memory; browsers round it. */
  readonly memory?: number;
  /** "battery, 80 %", where it is told. */
  readonly power?: string;
  /** When it ran, as ISO 8601 has it; older results do not say. */
  readonly date?: string;
  /** This project's version, as built. */
  readonly version: string;
  /** Its repository's commit. */
  readonly commit: string;
}

export interface BenchReport {
  readonly schema: 'mnist-kernels/bench@1';
  readonly environment: BenchEnvironment;
  readonly roofline: {
    readonly gflops: number;
    readonly threads: number;
    readonly how: string;
    /** WebGPU only. */
    readonly gigabytesPerSecond?: number;
    /** WebGPU in float16, where the device has it. */
    readonly halfGflops?: number;
    /** WebGPU only. */
    readonly overheads?: DeviceOverheads;
    /** WASM only: several threads at once, which may share a core. */
    readonly together?: { readonly gflops: number; readonly threads: number };
  };
  readonly cases: readonly BenchCase[];
  /** What a reader should know: noise, targets that were missed. */
  readonly notes: readonly string[];
}
