// How a fleet's run is going: a bar on a terminal with a line above it for each result, elsewhere only the lines.
import type cliProgress from 'cli-progress';
import { percent } from '../../evaluation/percent.ts';
import { describePlace, type Place } from '../../fleet/place.ts';
import { MAX_TRIES } from '../../fleet/queue.ts';
import type { Result } from '../../fleet/report.ts';
import { note, printableLines, progressBars } from '../output.ts';
import type { DispatchProgress } from './dispatcher.ts';
import type { NewEntry } from './journal.ts';

export class FleetProgress {
  private readonly places = new Map<string, Place>();
  private readonly begun = performance.now();
  private readonly bar = process.stderr.isTTY ? progressBars('{bar} {text}') : undefined;
  private shown: cliProgress.SingleBar | undefined;
  private ended = 0;

  /** @param total jobs @param before those that an earlier part of the run has done */
  constructor(
    private readonly total: number,
    private readonly before: number,
  ) {}

  update(progress: DispatchProgress): void {
    if (!this.bar) return;
    const payload = { text: progressText(progress, this.total, this.before, this.secondsLeft(progress)) };
    const value = this.before + progress.done + progress.failed;
    this.shown ??= this.bar.create(this.total, 0, payload);
    this.shown.update(value, payload);
  }

  entry(entry: NewEntry): void {
    if (entry.kind === 'opened') this.places.set(entry.session, entry.place);
    if (entry.kind === 'done') {
      this.ended++;
      this.say(`${entry.job}: ${resultText(entry.result)}${this.where(entry.session)}`);
    }
    if (entry.kind === 'failed') this.say(this.failureText(entry));
    // Thousands of sessions come and go.
    if (entry.kind === 'closed') this.places.delete(entry.session);
  }

  stop(): void {
    this.bar?.stop();
  }

  private failureText(entry: Extract<NewEntry, { kind: 'failed' }>): string {
    const { job, attempt, why, session, browser } = entry;
    if (job === undefined) {
      const what = session === undefined ? `no session of ${browser}` : 'a session was of no use';
      return `${what}${session === undefined ? '' : this.where(session)}: ${why}`;
    }
    if (attempt === undefined) return `${job}: given up, ${why}`;
    const then = attempt < MAX_TRIES ? 'it goes to another slot' : 'it is given up';
    return `${job}: try ${attempt} failed${this.where(session)}: ${why}; ${then}`;
  }

  private where(session: string | undefined): string {
    const place = session === undefined ? undefined : this.places.get(session);
    return place ? `, ${describePlace(place)}` : '';
  }

  private say(text: string): void {
    if (this.shown) this.bar!.log(`${printableLines(text)}\n`);
    else note(text);
  }

  /** From the pace so far; undefined before the first result. */
  private secondsLeft({ waiting, running }: DispatchProgress): number | undefined {
    if (this.ended === 0) return undefined;
    const seconds = (performance.now() - this.begun) / 1000;
    return ((waiting + running) * seconds) / this.ended;
  }
}

/** "3 slots, 3 running, 7 of 20 done, 1 failed, 12 s left" */
export function progressText(
  { sessions, running, done, failed }: DispatchProgress,
  total: number,
  before: number,
  secondsLeft: number | undefined,
): string {
  const left = secondsLeft === undefined ? '' : `, ${durationText(secondsLeft)} left`;
  const slots = `${sessions} slot${sessions === 1 ? '' : 's'}`;
  return `${slots}, ${running} running, ${before + done} of ${total} done, ${failed} failed${left}`;
}

function durationText(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function resultText(result: Result): string {
  if (result.kind === 'bench') return `${result.report.cases.length} cases`;
  return percent(result.report.test.accuracy);
}
