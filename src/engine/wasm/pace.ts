// Whether helper threads pay, as the clock tells: where processors are shared, or are threads of one core, one
// thread may be through before several are. Results do not depend on it.
import type { ProgramName } from './memory_map.ts';

/** What a job may run on: the thread that calls, alone or with its helpers. */
export type Company = 'alone' | 'together';

/** A part of a run, in steps from its beginning. */
export interface Part {
  readonly steps: number;
  readonly company: Company;
}

/** Steps that the other company is tried with, and runs until it is tried again. */
const TRIED_STEPS = 8;
const RUNS_BETWEEN = 16;
/** The other company must be faster by so much, so many times in a row: clocks and machines are noisy. */
const CLEARLY = 0.95;
const TIMES = 2;

interface Record {
  favourite: Company;
  /** Milliseconds of one of the favourite's steps. */
  milliseconds: number | undefined;
  runs: number;
  /** Times in a row that the other one was clearly faster. */
  lost: number;
}

const other = (company: Company): Company => (company === 'alone' ? 'together' : 'alone');

/** What a plan's programs took so far. */
export class Pace {
  private readonly records = new Map<ProgramName, Record>();

  /** How to run `steps` steps of a program whose threads should pay: mostly with what was fastest. */
  parts(program: ProgramName, steps: number): readonly Part[] {
    const record = this.record(program);
    const { favourite } = record;
    const isDue = record.lost > 0 || record.runs % RUNS_BETWEEN === 1;
    record.runs++;
    if (!isDue || steps < 2 * TRIED_STEPS) return [{ steps, company: favourite }];
    return [
      { steps: TRIED_STEPS, company: other(favourite) },
      { steps: steps - TRIED_STEPS, company: favourite },
    ];
  }

  took(program: ProgramName, { steps, company }: Part, milliseconds: number): void {
    const record = this.record(program);
    const each = milliseconds / steps;
    if (company === record.favourite) record.milliseconds = each;
    else if (record.milliseconds === undefined || each > CLEARLY * record.milliseconds) record.lost = 0;
    else if (++record.lost === TIMES) {
      record.favourite = company;
      record.milliseconds = each;
      record.lost = 0;
    }
  }

  private record(program: ProgramName): Record {
    const known = this.records.get(program);
    if (known) return known;
    const record: Record = { favourite: 'together', milliseconds: undefined, runs: 0, lost: 0 };
    this.records.set(program, record);
    return record;
  }
}
