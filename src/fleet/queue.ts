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
  /** The last is begun first, so that taking it moves no other; those that go to another slot are put there. */
  private readonly waiting: JobState[];
  /** Of those, how many may not run just anywhere. */
  private tied = 0;
  private readonly sessions = new Map<string, SessionState>();
  private slots: ReadonlyMap<string, Slot> = new Map();
  private readonly slotFailures = new Map<string, number>();
  private readonly alone: boolean;
  private running = 0;
  private done = 0;
  private failed = 0;

  constructor(jobs: readonly QueuedJob[], { alone = false }: QueueOptions = {}) {
    this.waiting = jobs.map((job) => ({ job, tried: [] })).reverse();
    this.tied = jobs.filter(({ only }) => only).length;
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
    const index = this.waiting.findLastIndex((each) => this.suits(each, state.slot));
    if (index < 0) return undefined;
    const [found] = this.waiting.splice(index, 1);
    if (isTied(found)) this.tied--;
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
      this.waiting.push(running);
      this.tied++;
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

  /** Gives up all that waits, when no slot is left for it. @returns the jobs */
  abandon(): QueuedJob[] {
    const lost = this.waiting.splice(0).reverse();
    this.tied = 0;
    this.failed += lost.length;
    return lost.map(({ job }) => job);
  }

  /**
   * Which kinds of session to ask for now, one for each session that would find work at once.
   * @param free slots that nobody uses or has asked for
   * @param opening sessions that were asked for and are not open yet, by kind
   */
  wanted(free: readonly Slot[], opening: ReadonlyMap<string, number> = new Map()): string[] {
    const asked = [...opening].flatMap(([kind, count]) => Array<string>(count).fill(kind));
    const busy = [...this.sessions.values()].filter(({ slot, running }) => running || this.hasWork(slot));
    if (this.alone) return this.wantedAlone(free, asked, busy);
    return this.wantedTogether(free, asked.length + busy.filter(({ running }) => !running).length);
  }

  /** Whether a job waits that may run in the session, and it has none. */
  canWork(session: string): boolean {
    const state = this.sessions.get(session);
    return state !== undefined && !state.running && this.hasWork(state.slot);
  }

  /** Whether a job waits that may run on the slot. */
  private hasWork(slot: Slot): boolean {
    if (this.isGivenUp(slot)) return false;
    // A job that may run anywhere finds work for every slot; to look at each pair would take jobs times slots.
    return this.tied < this.waiting.length || this.waiting.some((each) => this.suits(each, slot));
  }

  private wantedTogether(free: readonly Slot[], coming: number): string[] {
    const useful = free.filter((slot) => this.hasWork(slot));
    return useful.slice(0, Math.max(0, this.waiting.length - coming)).map(({ kind }) => kind);
  }

  /** One for each machine on which nothing of ours runs or is about to. */
  private wantedAlone(
    free: readonly Slot[],
    asked: readonly string[],
    busy: readonly SessionState[],
  ): string[] {
    const machines = new Set(busy.map(({ slot }) => slot.machine));
    const places = free.filter((slot) => this.hasWork(slot));
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

/** Whether it matters to the job where it runs. */
const isTied = ({ job, tried }: JobState) => job.only !== undefined || tried.length > 0;

const fits = ({ only }: QueuedJob, { node, kind }: Slot) =>
  !only || (only.node === node && only.kind === kind);
