// An explicit-state model checker: takes threads that share memory through all of their interleavings, one
// atomic operation a step, and looks for deadlocks, runs without an end, and whatever else a model checks.

/** A thread's or the shared memory's variables by name. */
type Variables<T> = { [V in keyof T]: number };

/** What follows an instruction; undefined: the next one in the program. */
type Outcome<Shared> =
  | { readonly goTo: string }
  /** Sleeps until a thread wakes those that sleep on this word, then goes on with the next instruction. */
  | { readonly sleepOn: keyof Shared }
  /** Wakes the threads that sleep on this word. */
  | { readonly wake: keyof Shared }
  /** Could not be executed yet and has changed nothing. */
  | 'blocked'
  | undefined;

export interface Instruction<Shared, Own> {
  /** Unique within the program. */
  readonly name: string;
  /** The operation in the modelled source. */
  readonly source?: string;
  /**
   * Whether other threads cannot tell when it is executed. It makes one step with the instruction before,
   * which keeps the number of states small.
   */
  readonly unseen?: boolean;
  /**
   * At most one access to shared memory.
   * @param all every thread's own variables, which only checks may look at
   * @throws Violation
   */
  readonly run: (own: Own, shared: Shared, all: readonly Own[]) => Outcome<Shared>;
}

export type Program<Shared, Own> = readonly Instruction<Shared, Own>[];

export interface Model<Shared, Own> {
  readonly shared: Shared;
  readonly threads: readonly { readonly program: Program<Shared, Own>; readonly own: Own }[];
  /** How often each thread's sleep may end by itself. */
  readonly timeouts: number;
}

export interface Exploration {
  readonly states: number;
  /** What went wrong first, and the steps that lead there. */
  readonly violation?: { readonly kind: string; readonly trace: readonly string[] };
}

/** No thread can go on, though not all have finished. */
export const DEADLOCK = 'deadlock';
/** The threads come back to a state that they were in. */
export const ENDLESS = 'endless run';

export class Violation extends Error {}

interface Thread<Shared, Own> {
  /** Index of the next instruction; behind the last one the thread has finished. */
  next: number;
  sleepsOn: keyof Shared | undefined;
  timeouts: number;
  readonly own: Own;
}

interface State<Shared, Own> {
  readonly shared: Shared;
  readonly threads: readonly Thread<Shared, Own>[];
}

/** Depth first, until all states have been visited or a violation is found. */
export function explore<Shared extends Variables<Shared>, Own extends Variables<Own>>(
  model: Model<Shared, Own>,
): Exploration {
  return new Explorer(model).explore();
}

class Explorer<Shared extends Variables<Shared>, Own extends Variables<Own>> {
  private readonly model: Model<Shared, Own>;
  private readonly visited = new Set<string>();
  /** The states that lead to the present one, and the steps between them. */
  private readonly path = new Set<string>();
  private readonly trace: string[] = [];

  constructor(model: Model<Shared, Own>) {
    this.model = model;
  }

  explore(): Exploration {
    const { shared, threads, timeouts } = this.model;
    const start: State<Shared, Own> = {
      shared: { ...shared },
      threads: threads.map(({ own }) => ({ next: 0, sleepsOn: undefined, timeouts, own: { ...own } })),
    };
    try {
      for (const index of threads.keys()) this.executeUnseen(start, index);
      this.visit(start, keyOf(start));
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return { states: this.visited.size, violation: { kind: error.message, trace: this.trace } };
    }
    return { states: this.visited.size };
  }

  private visit(state: State<Shared, Own>, key: string): void {
    this.visited.add(key);
    this.path.add(key);
    let stuck = true;
    for (const index of state.threads.keys()) {
      const following = this.step(state, index);
      if (!following) continue;
      stuck = false;
      const followingKey = keyOf(following);
      if (this.path.has(followingKey)) throw new Violation(ENDLESS);
      if (!this.visited.has(followingKey)) this.visit(following, followingKey);
      this.trace.pop();
    }
    if (stuck && !state.threads.every((_, index) => this.hasFinished(state, index))) {
      throw new Violation(DEADLOCK);
    }
    this.path.delete(key);
  }

  /** @returns undefined if the thread has finished, sleeps or is blocked */
  private step(before: State<Shared, Own>, index: number): State<Shared, Own> | undefined {
    if (this.hasFinished(before, index)) return undefined;
    const { sleepsOn, timeouts } = before.threads[index];
    if (sleepsOn !== undefined && timeouts === 0) return undefined;
    const state = copyOf(before);
    const thread = state.threads[index];
    if (sleepsOn !== undefined) {
      this.trace.push(`thread ${index}: wakes by itself`);
      thread.sleepsOn = undefined;
      thread.timeouts--;
      return state;
    }
    this.trace.push(`thread ${index}: ${this.model.threads[index].program[thread.next].name}`);
    if (!this.execute(state, index)) {
      this.trace.pop();
      return undefined;
    }
    this.executeUnseen(state, index);
    return state;
  }

  private executeUnseen(state: State<Shared, Own>, index: number): void {
    const { program } = this.model.threads[index];
    const thread = state.threads[index];
    while (thread.sleepsOn === undefined && program[thread.next]?.unseen) this.execute(state, index);
  }

  /** @returns whether it could be executed */
  private execute({ shared, threads }: State<Shared, Own>, index: number): boolean {
    const { program } = this.model.threads[index];
    const thread = threads[index];
    const { run } = program[thread.next];
    const outcome = run(
      thread.own,
      shared,
      threads.map(({ own }) => own),
    );
    if (outcome === 'blocked') return false;
    thread.next++;
    if (outcome === undefined) return true;
    if ('goTo' in outcome) thread.next = indexOf(program, outcome.goTo);
    else if ('sleepOn' in outcome) thread.sleepsOn = outcome.sleepOn;
    else for (const each of threads) if (each.sleepsOn === outcome.wake) each.sleepsOn = undefined;
    return true;
  }

  private hasFinished({ threads }: State<Shared, Own>, index: number): boolean {
    return threads[index].next === this.model.threads[index].program.length;
  }
}

/** @throws Error if the program has no instruction of that name */
function indexOf<Shared, Own>(program: Program<Shared, Own>, name: string): number {
  const index = program.findIndex((instruction) => instruction.name === name);
  if (index < 0) throw new Error(`the program has no instruction "${name}"`);
  return index;
}

/** Canonical: copies keep the order of their variables. */
function keyOf<Shared extends object, Own extends object>({ shared, threads }: State<Shared, Own>): string {
  let key = Object.values(shared).join();
  for (const { next, sleepsOn, timeouts, own } of threads)
    key += ` ${next} ${String(sleepsOn)} ${timeouts} ${Object.values(own).join()}`;
  return key;
}

function copyOf<Shared extends object, Own extends object>({
  shared,
  threads,
}: State<Shared, Own>): State<Shared, Own> {
  return { shared: { ...shared }, threads: threads.map((each) => ({ ...each, own: { ...each.own } })) };
}

/** The program with one instruction at another place: a planted error. */
export function moved<Shared, Own>(
  program: Program<Shared, Own>,
  name: string,
  before: string,
): Program<Shared, Own> {
  const instruction = program[indexOf(program, name)];
  const rest = without(program, name);
  return rest.toSpliced(indexOf(rest, before), 0, instruction);
}

/** The program less one instruction: a planted error. */
export function without<Shared, Own>(program: Program<Shared, Own>, name: string): Program<Shared, Own> {
  return program.toSpliced(indexOf(program, name), 1);
}

/** The program with another instruction under a name: a planted error. */
export function replaced<Shared, Own>(
  program: Program<Shared, Own>,
  name: string,
  by: Omit<Instruction<Shared, Own>, 'name'>,
): Program<Shared, Own> {
  return program.with(indexOf(program, name), { name, ...by });
}
