// Records in IndexedDB, each checked when it is read: another version of the page may have kept it, or
// somebody else.
import { createStore, del, entries, get, set, type UseStore, update } from 'idb-keyval';
import * as v from 'valibot';

/** The version that the records' shapes have now. */
export const VERSION = 1 as const;

/** A record's version, which is left out in the oldest. */
export const versionSchema = v.optional(v.literal(VERSION));

/** A form's fields as typed. */
export type KeptValues = Record<string, string>;

export const valuesSchema = v.record(v.string(), v.string());

/** A browser's storage may stand still for good; nothing else should. */
const PATIENCE = 10_000;

export interface Found<T> {
  readonly records: readonly T[];
  /** Ids of those that this version cannot read. */
  readonly unreadable: readonly string[];
}

/** A database of its own: one database gets its stores only when it is made. */
export class Shelf<T extends object> {
  /** Holds a connection to the database; idb-keyval opens it anew if that failed. */
  private connected: UseStore | undefined;

  constructor(
    private readonly database: string,
    private readonly store: string,
    private readonly schema: v.GenericSchema<unknown, T>,
  ) {}

  /** @throws Error if the browser keeps nothing for this page */
  async list(): Promise<Found<T>> {
    const records: T[] = [];
    const unreadable: string[] = [];
    for (const [id, kept] of await this.use((store) => entries<string, unknown>(store))) {
      const { success, output } = v.safeParse(this.schema, kept);
      if (success) records.push(output);
      else unreadable.push(id);
    }
    return { records, unreadable };
  }

  /** @returns undefined if there is none, or none that this version can read */
  async get(id: string): Promise<T | undefined> {
    const { success, output } = v.safeParse(this.schema, await this.use((store) => get<unknown>(id, store)));
    return success ? output : undefined;
  }

  /** @throws Error if there is no room */
  async put(id: string, record: T): Promise<void> {
    await this.use((store) => set(id, record, store));
  }

  /** Keeps the record unless what is there is better, in one transaction. @throws Error if there is no room */
  async putUnless(id: string, record: T, isBetter: (present: T) => boolean): Promise<void> {
    await this.use((store) =>
      update<unknown>(
        id,
        (present) => {
          const { success, output } = v.safeParse(this.schema, present);
          return success && isBetter(output) ? present : record;
        },
        store,
      ),
    );
  }

  async delete(...ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.use((store) => del(id, store));
  }

  /** Where site data is blocked IndexedDB throws at once: this rejects in either case. */
  private async use<R>(work: (store: UseStore) => Promise<R>): Promise<R> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the browser’s storage does not answer')), PATIENCE);
    });
    try {
      this.connected ??= createStore(this.database, this.store);
      return await Promise.race([work(this.connected), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
