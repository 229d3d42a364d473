// The queue of a fleet with simulated nodes in virtual time: how long a run takes that nobody has the machines for,
// and where the command line becomes the limit.
import { hash } from '../network/random.ts';
import { MAX_OPENING, pauseBetweenLooks } from './limits.ts';
import { type Counts, Queue, type Slot } from './queue.ts';

export interface SimulatedFleet {
  readonly slots: number;
  readonly jobs: number;
  readonly rates: Rates;
  /** The share of all slots that fail in a minute, each for itself. */
  readonly failing: number;
  /** Seconds until a slot is there again, under another name. */
  readonly restart: number;
}

/** Seconds. */
export interface Rates {
  /** From the request for a session until its page is ready, on the node's side. */
  readonly open: number;
  readonly job: number;
  /** Of the command line's processor, which does one thing at a time. */
  readonly busy: {
    /** For a session: opened, its page loaded, and closed. */
    readonly session: number;
    /** For a job: handed over, fetched and written down. */
    readonly job: number;
    readonly look: number;
  };
}

export interface Simulated extends Counts {
  /** From the first request to the last result. */
  readonly seconds: number;
  /** What so many slots that never fail, with nothing in their way, would take. */
  readonly ideal: number;
  /** The largest number of tries that a job had. */
  readonly tries: number;
  readonly sessions: number;
  /** The share of the time in which the command line was busy. */
  readonly busy: number;
}

/** A training of `quick`, and one of `standard`: seconds in Chromium on one core of an AMD EPYC. */
const JOBS = { short: 1.5, long: 60 };

/** Measured with a real Grid (open) and with a thousand simulated browsers (busy): `npm run fleet:limits`. */
const MEASURED = { open: 3, busy: { session: 0.005, job: 0.002, look: 0.001 } };

export const RATES: { readonly [J in keyof typeof JOBS]: Rates } = {
  short: { ...MEASURED, job: JOBS.short },
  long: { ...MEASURED, job: JOBS.long },
};

/** Seconds between two decisions about sessions, and between two looks at the Grid's slots. */
const TICK = 0.5;
const STATUS = 2;

export function simulate(fleet: SimulatedFleet): Simulated {
  return new Simulation(fleet).run();
}

/** A slot's browser, until its node fails. */
interface SimulatedSlot extends Slot {
  /** When its node fails. */
  readonly fails: number;
  taken: boolean;
}

class Simulation {
  private readonly timeline = new Timeline();
  private readonly queue: Queue;
  private readonly slots = new Map<string, SimulatedSlot>();
  private opening = 0;
  private open = 0;
  private sessions = 0;
  private tries = 0;
  private changed = true;
  private looked = -STATUS;
  /** When the command line has done all that it was given so far. */
  private free = 0;
  private worked = 0;

  constructor(private readonly fleet: SimulatedFleet) {
    this.queue = new Queue(Array.from({ length: fleet.jobs }, (_, index) => ({ id: String(index) })));
    for (let index = 0; index < fleet.slots; index++) this.start(index, 0);
  }

  run(): Simulated {
    const { timeline, queue, fleet } = this;
    timeline.at(0, () => this.tick());
    while (!queue.finished) timeline.next();
    const seconds = timeline.now;
    const { jobs, slots, rates } = fleet;
    return {
      ...queue.counts,
      seconds,
      ideal: rates.open + Math.ceil(jobs / slots) * rates.job,
      tries: this.tries,
      sessions: this.sessions,
      busy: this.worked / seconds,
    };
  }

  /** A node with one slot. @param times that it was started before */
  private start(index: number, times: number): void {
    const { failing, restart } = this.fleet;
    const node = `http://node-${index}`;
    const uniform = (hash(index, times, 0) + 0.5) / 2 ** 32;
    // Exponential: what has lasted is no more likely to fail than what is new.
    const fails = this.timeline.now + (-60 * Math.log(uniform)) / failing;
    const slot = { id: `${index}.${times}`, node, machine: node, kind: 'browser', fails, taken: false };
    this.slots.set(slot.id, slot);
    this.changed = true;
    this.timeline.at(fails, () => {
      this.slots.delete(slot.id);
      this.changed = true;
      this.timeline.at(fails + restart, () => this.start(index, times + 1));
    });
  }

  private tick(): void {
    if (this.changed && this.timeline.now >= this.looked + STATUS) {
      this.queue.setSlots([...this.slots.values()]);
      this.changed = false;
      this.looked = this.timeline.now;
    }
    const free = [...this.slots.values()].filter(({ taken }) => !taken).slice(this.opening);
    const wanted = this.queue.wanted(free, new Map([['browser', this.opening]])).length;
    const places = free.slice(0, Math.min(wanted, MAX_OPENING - this.opening));
    for (const slot of places) this.openSession(slot);
    if (!this.queue.finished) this.timeline.at(this.timeline.now + TICK, () => this.tick());
  }

  private openSession(slot: SimulatedSlot): void {
    const { open, busy } = this.fleet.rates;
    slot.taken = true;
    this.opening++;
    const session = String(this.sessions++);
    this.timeline.at(this.work(busy.session) + open, () => {
      this.opening--;
      if (slot.fails <= this.timeline.now) return;
      this.queue.open(session, slot);
      this.open++;
      this.turn(session, slot);
    });
  }

  /** The session's next job, or its end. */
  private turn(session: string, slot: SimulatedSlot): void {
    const turn = this.queue.next(session);
    if (!turn) {
      this.end(session, slot);
      return;
    }
    this.tries = Math.max(this.tries, turn.attempt);
    const begin = this.work(this.fleet.rates.busy.job);
    this.look(session, slot, begin, begin + this.fleet.rates.job);
  }

  /** @param begin of the job, and its `end` on the node */
  private look(session: string, slot: SimulatedSlot, begin: number, end: number): void {
    const pause = pauseBetweenLooks(this.timeline.now - begin, this.open);
    this.timeline.at(Math.max(begin, this.timeline.now) + pause, () => {
      const seen = this.work(this.fleet.rates.busy.look);
      this.timeline.at(seen, () => {
        if (slot.fails <= this.timeline.now) {
          this.end(session, slot); // its job fails with it
        } else if (this.timeline.now < end) {
          this.look(session, slot, begin, end);
        } else {
          this.queue.succeed(session);
          this.turn(session, slot);
        }
      });
    });
  }

  private end(session: string, slot: SimulatedSlot): void {
    this.queue.close(session);
    slot.taken = false;
    this.open--;
  }

  /** @returns when the command line has done this as well */
  private work(seconds: number): number {
    this.free = Math.max(this.free, this.timeline.now) + seconds;
    this.worked += seconds;
    return this.free;
  }
}

/** What happens when, as a binary heap. */
class Timeline {
  now = 0;
  private readonly heap: { readonly time: number; readonly then: () => void }[] = [];

  at(time: number, then: () => void): void {
    const { heap } = this;
    let index = heap.push({ time, then }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent].time <= heap[index].time) break;
      [heap[parent], heap[index]] = [heap[index], heap[parent]];
      index = parent;
    }
  }

  next(): void {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      for (let index = 0; ; ) {
        const [left, right] = [2 * index + 1, 2 * index + 2];
        let least = index;
        if (left < heap.length && heap[left].time < heap[least].time) least = left;
        if (right < heap.length && heap[right].time < heap[least].time) least = right;
        if (least === index) break;
        [heap[least], heap[index]] = [heap[index], heap[least]];
        index = least;
      }
    }
    this.now = first.time;
    first.then();
  }
}
