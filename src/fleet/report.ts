// What a fleet was asked for, and what came out of it: machines side by side, each with its environment, and
// every failure with its reason.
import type { BenchJob, BenchReport } from '../bench/report.ts';
import type { TrainReport } from '../training/report.ts';
import { type Bits, bitsOf, type Fingerprint } from './bits.ts';
import { describePlace, type Place } from './place.ts';

/** The values of the hyperparameters, or the seed, that tell one training from the others. */
export type Values = { readonly [name: string]: number | string };

/** The report of a training without the losses of single steps. */
export type FleetTraining = Omit<TrainReport, 'stepLosses'>;

export type Result =
  | { readonly kind: 'bench'; readonly report: BenchReport }
  | {
      readonly kind: 'train';
      readonly report: FleetTraining;
      /** The file that has its model; left out, the model stayed in its browser. */
      readonly model?: string;
    };

/** What a run is, wherever its browsers are: a journal is gone on with if this is the same. */
export type FleetTask = { readonly version: string } & (
  | { readonly command: 'bench'; readonly job: BenchJob }
  | {
      readonly command: 'train' | 'sweep';
      /** The data set, with how it is read. */
      readonly data: string;
      /** What all trainings share, and what each has of its own. */
      readonly job: object;
      readonly axes: { readonly [name: string]: readonly (number | string)[] };
    }
);

export interface FleetBenchmark {
  /** "chrome 156.0.8078.108 at http://10.0.0.7:5555" */
  readonly name: string;
  readonly place: Place;
  readonly attempt: number;
  readonly report: BenchReport;
}

export interface FleetTrained {
  /** "learning rate 0.004, batch 64" */
  readonly name: string;
  readonly values: Values;
  readonly place: Place;
  readonly attempt: number;
  readonly report: FleetTraining;
  readonly model?: string;
}

/** A try that failed, or a session that was of no use. */
export interface FleetFailure {
  /** ISO 8601 */
  readonly at: string;
  readonly why: string;
  /** Left out, no job was lost. */
  readonly job?: string;
  readonly attempt?: number;
  /** Left out, the session was not opened. */
  readonly place?: Place;
  /** What was asked for, if there is no place. */
  readonly browser?: string;
}

/** The JSON of a fleet's run. */
export interface FleetReport {
  readonly schema: 'mnist-kernels/fleet@1';
  readonly version: string;
  readonly command: FleetTask['command'];
  /** The Grid's address. */
  readonly grid: string;
  /** ISO 8601; of a run that was gone on with, the first part's. */
  readonly started: string;
  readonly ended: string;
  readonly jobs: {
    readonly total: number;
    readonly done: number;
    /** Given up after the last try. */
    readonly failed: number;
    /** Not come to. */
    readonly waiting: number;
  };
  readonly places: readonly (Place & { readonly jobs: number })[];
  /** Only of `bench`. */
  readonly benchmarks?: readonly FleetBenchmark[];
  /** Only of `train` and `sweep`. */
  readonly trainings?: readonly FleetTrained[];
  readonly failures: readonly FleetFailure[];
  /** Whether equal trainings on equal builds gave equal bits. */
  readonly bits: Bits;
}

/** All that is known of a run, in the order in which it happened. */
export interface Findings {
  readonly task: FleetTask;
  readonly grid: string;
  readonly started: string;
  readonly ended: string;
  readonly jobs: FleetReport['jobs'];
  readonly results: readonly {
    readonly job: string;
    readonly values: Values;
    readonly place: Place;
    readonly attempt: number;
    readonly result: Result;
  }[];
  readonly failures: readonly FleetFailure[];
  /** What each session computed before its first job. */
  readonly checks: readonly Fingerprint[];
}

export function fleetReport(findings: Findings): FleetReport {
  const { task, grid, started, ended, jobs, results, failures, checks } = findings;
  const benchmarks = results.flatMap(({ place, attempt, result }) =>
    result.kind === 'bench' ? [{ name: describePlace(place), place, attempt, report: result.report }] : [],
  );
  const trainings = results.flatMap(({ job, values, place, attempt, result }) =>
    result.kind === 'train'
      ? [{ name: job, values, place, attempt, report: result.report, model: result.model }]
      : [],
  );
  const fingerprints = trainings.map(({ name, place, report }) => ({
    training: name,
    build: (report.builds ?? []).join(', then '),
    sha256: report.parameters.sha256,
    place,
  }));
  return {
    schema: 'mnist-kernels/fleet@1',
    version: task.version,
    command: task.command,
    grid,
    started,
    ended,
    jobs,
    places: placesOf(results.map(({ place }) => place)),
    ...(task.command === 'bench' ? { benchmarks } : { trainings }),
    failures,
    bits: bitsOf([...checks, ...fingerprints]),
  };
}

/** Each once, in the order in which they came to a result, with the number of these. */
function placesOf(places: readonly Place[]): FleetReport['places'] {
  const found = new Map<string, Place & { jobs: number }>();
  for (const place of places) {
    const key = describePlace(place);
    found.set(key, { ...place, jobs: (found.get(key)?.jobs ?? 0) + 1 });
  }
  return [...found.values()];
}

/** The training with the best accuracy, the first of equals; undefined if there is none. */
export function bestOf(trainings: readonly FleetTrained[]): FleetTrained | undefined {
  return trainings.reduce<FleetTrained | undefined>(
    (best, each) => (best && best.report.test.accuracy >= each.report.test.accuracy ? best : each),
    undefined,
  );
}
