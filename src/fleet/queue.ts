// The queue of a fleet: which job runs where, and what happens to it when its browser is lost. It knows no
// browser and no clock: events go in, decisions come out, and the same events give the same decisions.

/** One browser that a Grid can start, as its status lists it. */
export interface Slot {
  readonly id: string;
  /** The address of its node. */
  readonly node: string;
  /** The host of that address: nodes of one machine share its processors. */
  readonly machine: string;
  /** What a session is asked for: slots of one kind cannot be told apart by who asks. */
  readonly kind: string;
}

export interface QueuedJob {
  readonly id: string;
  /** Where alone it may run, as a benchmark of that browser; left out, anywhere. */
  readonly only?: Pick<Slot, 'node' | 'kind'>;
}

/** A job is tried so often at most. */
export const MAX_TRIES = 2;

/** After so many failures in a row a slot is left alone. */
const MAX_SLOT_FAILURES = 3;

export interface QueueOptions {
  /** On one machine one session at a time, with nothing beside it. */
  readonly alone?: boolean;
}

interface JobState {
  readonly job: QueuedJob;
  /** Slots that it was tried on. */
  readonly tried: string[];
}

interface SessionState {
  readonly slot: Slot;
  running?: JobState;
}

export interface Counts {
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
}

/** A job with the number of its try, from 1. */
export interface Turn {
  readonly job: QueuedJob;
  readonly attempt: number;
}

export class Queue {
  /** In the order in which they are begun; those that go to another slot come first. */
  private readonly waiting: JobState[];
  private readonly sessions = new Map<string, SessionState>();
  private slots: ReadonlyMap<string, Slot> = new Map();
  private readonly slotFailures = new Map<string, number>();
  private readonly alone: boolean;
  private running = 0;
  private done = 0;
  private failed = 0;

  constructor(jobs: readonly QueuedJob[], { alone = false }: QueueOptions = {}) {
    this.waiting = jobs.map((job) => ({ job, tried: [] }));
    this.alone = alone;
  }

  get counts(): Counts {
    const { running, done, failed } = this;
    return { waiting: this.waiting.length, running, done, failed };
  }

  /** Every job has succeeded or was given up. */
  get finished(): boolean {
    return this.waiting.length === 0 && this.running === 0;
  }

  /** The slots that there are now, free or not. */
  setSlots(slots: readonly Slot[]): void {
    this.slots = new Map(slots.map((slot) => [slot.id, slot]));
  }

  /** A session was opened on the slot. */
  open(session: string, slot: Slot): void {
    this.sessions.set(session, { slot });
  }

  /**
   * The next job of a session that has none, which counts as begun; undefined if none is for its slot.
   * A job that failed elsewhere goes to a slot that it has not been tried on, as long as there is one.
   */
  next(session: string): Turn | undefined {
    const state = this.sessions.get(session);
    if (!state || state.running || this.isGivenUp(state.slot)) return undefined;
    if (this.alone && this.isBusy(state.slot.machine)) return undefined;
    const index = this.waiting.findIndex((each) => this.suits(each, state.slot));
    if (index < 0) return undefined;
    const [found] = this.waiting.splice(index, 1);
    found.tried.push(state.slot.id);
    state.running = found;
    this.running++;
    return { job: found.job, attempt: found.tried.length };
  }

  /** The session's job has its result. */
  succeed(session: string): void {
    const state = this.sessions.get(session);
    if (!state?.running) return;
    this.slotFailures.delete(state.slot.id);
    state.running = undefined;
    this.running--;
    this.done++;
  }

  /**
   * The session's job has failed: it waits for another slot, or is given up after its last try.
   * @returns whether it is tried again; undefined if there was no job
   */
  fail(session: string): 'again' | 'given up' | undefined {
    const state = this.sessions.get(session);
    if (!state) return undefined;
    this.slotFailures.set(state.slot.id, (this.slotFailures.get(state.slot.id) ?? 0) + 1);
    const { running } = state;
    if (!running) return undefined;
    state.running = undefined;
    this.running--;
    if (running.tried.length < MAX_TRIES) {
      this.waiting.unshift(running);
      return 'again';
    }
    this.failed++;
    return 'given up';
  }

  /** The session has ended. A job that it still has fails. */
  close(session: string): void {
    if (this.sessions.get(session)?.running) this.fail(session);
    this.sessions.delete(session);
  }

  /** Gives up what waits, when no slot is left for it. @returns the jobs */
  abandon(which: (job: QueuedJob) => boolean = () => true): QueuedJob[] {
    const lost = this.waiting.filter(({ job }) => which(job));
    for (const each of lost) this.waiting.splice(this.waiting.indexOf(each), 1);
    this.failed += lost.length;
    return lost.map(({ job }) => job);
  }

  /**
   * Which kinds of session to ask for now, one for each session that would find work at once.
   * @param free slots that nobody uses or has asked for
   * @param opening sessions that were asked for and are not open yet, by kind
   */
  wanted(free: readonly Slot[], opening: ReadonlyMap<string, number> = new Map()): string[] {
    const idle = [...this.sessions.values()].filter(({ running }) => !running).map(({ slot }) => slot);
    const asked = [...opening].flatMap(([kind, count]) => Array<string>(count).fill(kind));
    return this.alone ? this.wantedAlone(free, asked) : this.wantedTogether(free, idle.length + asked.length);
  }

  private wantedTogether(free: readonly Slot[], coming: number): string[] {
    const places = free.filter((slot) => !this.isGivenUp(slot));
    // Looking at each pair would take jobs times slots: without jobs of one place, any slot will do.
    const tied = this.waiting.filter(({ job, tried }) => job.only || tried.length > 0);
    const useful = places.filter(
      (slot) => tied.length < this.waiting.length || tied.some((each) => this.suits(each, slot)),
    );
    return useful.slice(0, Math.max(0, this.waiting.length - coming)).map(({ kind }) => kind);
  }

  /** One for each machine on which nothing of ours runs or is about to. */
  private wantedAlone(free: readonly Slot[], asked: readonly string[]): string[] {
    const machines = new Set([...this.sessions.values()].map(({ slot }) => slot.machine));
    const places = free.filter(
      (slot) => !this.isGivenUp(slot) && this.waiting.some((each) => this.suits(each, slot)),
    );
    const vacant = (kind?: string) =>
      places.find((slot) => !machines.has(slot.machine) && (kind === undefined || slot.kind === kind));
    // Which slot a session gets that was asked for before, the Grid decides: any of its kind.
    for (const kind of asked) {
      const place = vacant(kind);
      if (place) machines.add(place.machine);
    }
    const kinds: string[] = [];
    for (let place = vacant(); place; place = vacant()) {
      machines.add(place.machine);
      kinds.push(place.kind);
    }
    return kinds;
  }

  private suits({ job, tried }: JobState, slot: Slot): boolean {
    if (!fits(job, slot)) return false;
    if (!tried.includes(slot.id)) return true;
    for (const other of this.slots.values())
      if (fits(job, other) && !tried.includes(other.id) && !this.isGivenUp(other)) return false;
    return true;
  }

  private isGivenUp({ id }: Slot): boolean {
    return (this.slotFailures.get(id) ?? 0) >= MAX_SLOT_FAILURES;
  }

  private isBusy(machine: string): boolean {
    return [...this.sessions.values()].some(({ slot, running }) => running && slot.machine === machine);
  }
}

const fits = ({ only }: QueuedJob, { node, kind }: Slot) =>
  !only || (only.node === node && only.kind === kind);
