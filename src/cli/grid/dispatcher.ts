// Drives the queue with sessions of a Grid: asks for as many as find work, runs jobs in them, and writes down what
// comes of it. A session whose job failed is ended, so that each failure begins anew in a fresh browser.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstLineOf } from '../../errors.ts';
import { MAX_OPENING } from '../../fleet/limits.ts';
import { Queue, type Turn } from '../../fleet/queue.ts';
import type { Result } from '../../fleet/report.ts';
import type { DrivenOutcome, DrivenTask } from '../../jobs/remote.ts';
import type { WebDriverServer, WebDriverSession } from '../browser/webdriver.ts';
import { type Following, openPage, runDriven } from './driven_session.ts';
import { capabilitiesOf, type GridSlot, gridSlots, placeOf } from './grid.ts';
import type { Journal, NewEntry } from './journal.ts';
import { Openings } from './openings.ts';
import { Parking } from './parking.ts';
import { SlotBoard } from './slot_board.ts';

export interface FleetJob {
  readonly id: string;
  readonly task: DrivenTask;
  /** Where alone it may run: see Queue. */
  readonly only?: Pick<GridSlot, 'node' | 'kind'>;
}

export interface DispatchOptions {
  readonly server: WebDriverServer;
  /** The address of the page that runs jobs. */
  readonly page: string;
  readonly jobs: readonly FleetJob[];
  /** Whether nothing may run beside a job on its machine. */
  readonly alone: boolean;
  /** Slots that may be used; all, if left out. */
  readonly may?: (slot: GridSlot) => boolean;
  /** A training that each session begins with, to hold the sessions' bits against each other. */
  readonly check?: DrivenTask;
  readonly journal: Journal;
  /** Keeps what came out, before it is written down. */
  readonly keep: (job: FleetJob, outcome: DrivenOutcome) => Promise<Result>;
  /** Seconds: see Following; without any slot for so long, the rest is given up. */
  readonly patience: number;
  readonly signal: AbortSignal;
  readonly onEntry: (entry: NewEntry) => void;
  readonly onProgress: (progress: DispatchProgress) => void;
}

export interface DispatchProgress {
  /** Sessions that are open. */
  readonly sessions: number;
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
}

/** Seconds between two looks at the Grid's slots. */
const STATUS_SECONDS = 2;
/** At the end, for sessions that the Grid is still opening. */
const CLOSING_SECONDS = 15;

/**
 * Runs all jobs, each at most as often as the queue allows.
 * @throws InputError if no Grid answers at first; Error if the journal cannot be written
 */
export function dispatch(options: DispatchOptions): Promise<void> {
  return new Dispatcher(options).run();
}

class Dispatcher {
  private readonly queue: Queue;
  private readonly jobs: ReadonlyMap<string, FleetJob>;
  private readonly board: SlotBoard;
  private readonly openings = new Openings();
  private readonly seats = new Set<Promise<void>>();
  private readonly stop = new AbortController();
  private readonly giveUpOpening = new AbortController();
  private readonly signal: AbortSignal;
  /** When a job was last running, or a session being opened. */
  private busy = performance.now();
  private broken: unknown;
  private readonly parking = new Parking();
  private wake: () => void = () => {};

  constructor(private readonly options: DispatchOptions) {
    const { jobs, alone, signal, may = () => true } = options;
    this.board = new SlotBoard(may, alone);
    this.jobs = new Map(jobs.map((job) => [job.id, job]));
    this.queue = new Queue(jobs, { alone });
    this.signal = AbortSignal.any([signal, this.stop.signal]);
    setMaxListeners(0, this.signal); // one for each session
  }

  async run(): Promise<void> {
    const { signal, queue } = this;
    this.look(await gridSlots(this.options.server));
    let looked = performance.now();
    while (!queue.finished && !signal.aborted) {
      this.openSessions();
      this.report();
      if (this.isStarved()) await this.giveUp();
      else await this.pause();
      if (performance.now() - looked < 1000 * STATUS_SECONDS) continue;
      // A Grid that does not answer for a moment is asked again.
      const slots = await gridSlots(this.options.server).catch(() => undefined);
      if (slots) this.look(slots);
      looked = performance.now();
    }
    this.stop.abort();
    const late = setTimeout(() => this.giveUpOpening.abort(), 1000 * CLOSING_SECONDS);
    await Promise.all(this.seats);
    clearTimeout(late);
    this.report();
    if (this.broken) throw this.broken;
  }

  private look(slots: readonly GridSlot[]): void {
    this.board.look(slots);
    this.queue.setSlots(this.board.usable);
  }

  private openSessions(): void {
    const { queue, openings, board } = this;
    const kinds = queue.wanted(board.free(openings.byKind), openings.byKind);
    for (const kind of kinds) {
      if (openings.count >= MAX_OPENING) return;
      if (!openings.may(kind)) continue;
      const seat = this.seat(kind)
        .catch((error: unknown) => this.break(error))
        .catch(() => {})
        .finally(() => {
          this.seats.delete(seat);
          this.wake();
        });
      this.seats.add(seat);
    }
  }

  /** A session from its opening to its end. */
  private async seat(kind: string): Promise<void> {
    const { server } = this.options;
    const { browserName } = capabilitiesOf(kind);
    let session: WebDriverSession;
    this.openings.begin(kind);
    try {
      session = await server.newSession([capabilitiesOf(kind)], this.giveUpOpening.signal);
    } catch (error) {
      const why = firstLineOf(error);
      // Those that were kept may have had the slots that it would have got.
      await this.parking.clear(kind);
      if (this.openings.fail(kind, why)) await this.note({ kind: 'failed', why, browser: browserName });
      return;
    }
    this.board.claim(session.id);
    let failed = false;
    try {
      const useful = await this.use(session, kind);
      this.openings.end(kind, useful);
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      this.openings.settle(kind, session.id);
      this.queue.close(session.id);
      this.board.leave(session.id);
      await session.close();
      this.parking.left(session.id);
      if (!failed) await this.note({ kind: 'closed', session: session.id });
    }
  }

  /** @returns whether the session was given any work */
  private async use(session: WebDriverSession, kind: string): Promise<boolean> {
    const { server, page, alone } = this.options;
    let turn: Turn | undefined;
    let worked = false;
    try {
      const { machine, ...place } = await placeOf(server, session);
      await this.note({ kind: 'opened', session: session.id, place });
      this.board.arrive(place.slot, session.id);
      this.openings.arrive(kind, session.id);
      this.queue.open(session.id, { id: place.slot, node: place.node, machine, kind });
      if (this.signal.aborted) return true;
      if (!this.queue.canWork(session.id)) {
        if (this.queue.counts.waiting === 0) return false;
        this.wake();
        await this.parking.park(kind, session.id, this.signal);
        return false;
      }
      this.busy = performance.now();
      await this.parking.clear(kind);
      if (alone && !this.board.isForeign(machine)) turn = this.queue.next(session.id);
      if (alone && !turn) return false;
      await openPage(session, page, this.signal);
      if (!alone) await this.check(session);
      turn ??= this.queue.next(session.id);
      while (turn) {
        await this.work(session, turn, machine);
        worked = true;
        turn = this.signal.aborted ? undefined : this.queue.next(session.id);
      }
      return worked;
    } catch (error) {
      if (this.signal.aborted) return true;
      this.queue.fail(session.id);
      const of = turn && { job: turn.job.id, attempt: turn.attempt };
      await this.note({ kind: 'failed', why: firstLineOf(error), session: session.id, ...of });
      return worked || turn !== undefined;
    }
  }

  private async check(session: WebDriverSession): Promise<void> {
    const { check } = this.options;
    if (!check) return;
    const { report } = await runDriven(session, check, this.following());
    if (!('parameters' in report)) return;
    const { builds = [], parameters } = report;
    await this.note({
      kind: 'checked',
      session: session.id,
      build: builds.join(', then '),
      sha256: parameters.sha256,
    });
  }

  private async work(session: WebDriverSession, turn: Turn, machine: string): Promise<void> {
    const { alone, keep } = this.options;
    const job = this.jobs.get(turn.job.id)!;
    await this.note({ kind: 'began', job: job.id, attempt: turn.attempt, session: session.id });
    this.report();
    const outcome = await runDriven(session, job.task, this.following(alone ? machine : undefined));
    const result = await keep(job, outcome).catch((error: unknown) => this.break(error));
    await this.note({ kind: 'done', job: job.id, session: session.id, result });
    this.queue.succeed(session.id);
    this.report();
  }

  /** @param machine on which nothing else may run, if so */
  private following(machine?: string): Following {
    return {
      signal: this.signal,
      patience: this.options.patience,
      sessions: () => this.board.sessions,
      disturbed: () =>
        machine !== undefined && this.board.isForeign(machine)
          ? "somebody else's session ran on the same machine"
          : undefined,
    };
  }

  /** Ends all: nothing that is done from now on would be kept. */
  private break(error: unknown): never {
    this.broken ??= error;
    this.stop.abort();
    throw error;
  }

  /** On the disk first: what is not there is not known to anybody. */
  private async note(entry: NewEntry): Promise<void> {
    await this.options.journal.append(entry);
    this.options.onEntry(entry);
  }

  private report(): void {
    this.options.onProgress({ sessions: this.board.sessions, ...this.queue.counts });
  }

  /** Until something ends, or for a moment. */
  private async pause(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    await Promise.race([woken, sleep(500, undefined, { signal: this.signal }).catch(() => {})]);
  }

  /** Nothing runs or is about to, and that for long. */
  private isStarved(): boolean {
    if (this.queue.counts.running > 0) this.busy = performance.now();
    return performance.now() - this.busy > 1000 * this.options.patience;
  }

  private async giveUp(): Promise<void> {
    const why = `no slot for it within ${this.options.patience} seconds`;
    for (const { id } of this.queue.abandon()) await this.note({ kind: 'failed', job: id, why });
  }
}
