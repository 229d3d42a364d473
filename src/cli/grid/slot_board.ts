// The Grid's slots as its status last told, with what is known since of our own sessions.
import { type GridSlot, RESERVED } from './grid.ts';

export class SlotBoard {
  /** Those that may be used. */
  usable: readonly GridSlot[] = [];
  private all: readonly GridSlot[] = [];
  /** By slot: our session there. */
  private readonly taken = new Map<string, string>();
  /** All sessions that were ours, also those that have ended. */
  private readonly ours = new Set<string>();

  constructor(
    private readonly may: (slot: GridSlot) => boolean,
    /** Whether nothing may run beside a job on its machine. */
    private readonly alone: boolean,
  ) {}

  /** Our sessions whose slot is known. */
  get sessions(): number {
    return this.taken.size;
  }

  look(slots: readonly GridSlot[]): void {
    this.usable = slots.filter(this.may);
    this.all = slots;
  }

  /** The session is ours. */
  claim(session: string): void {
    this.ours.add(session);
  }

  arrive(slot: string, session: string): void {
    this.taken.set(slot, session);
  }

  /** The session has ended, or is about to. */
  leave(session: string): void {
    for (const [slot, id] of this.taken) if (id === session) this.taken.delete(slot);
  }

  /** Whether somebody else has a session on the machine. Whose one is that is being started, nobody knows. */
  isForeign(machine: string): boolean {
    return this.all.some(({ session = RESERVED, ...slot }) => {
      return slot.machine === machine && session !== RESERVED && !this.ours.has(session);
    });
  }

  /**
   * Those that the Grid would give to sessions that are asked for now.
   * @param opening sessions that were asked for before, by kind
   */
  free(opening: ReadonlyMap<string, number>): GridSlot[] {
    const free = this.usable.filter((slot) => this.isFree(slot));
    // A benchmark has but one session on a machine, of whichever browser.
    if (this.alone) return free.filter(({ machine }) => !this.isForeign(machine));
    const room = new Map<string, number>();
    for (const slot of this.usable)
      room.set(slot.node, (room.get(slot.node) ?? slot.maxSessions) - (this.isFree(slot) ? 0 : 1));
    const coming = new Map(opening);
    return free.filter(({ node, kind }) => {
      const left = room.get(node)!;
      if (left <= 0) return false;
      room.set(node, left - 1);
      const asked = coming.get(kind) ?? 0;
      coming.set(kind, asked - 1);
      return asked <= 0;
    });
  }

  /** What is known of sessions of ours is newer than the Grid's status. */
  private isFree({ id, session }: GridSlot): boolean {
    if (this.taken.has(id)) return false;
    return session === undefined || this.ours.has(session);
  }
}
