// The runs that this browser keeps with their models, and the trainings that were cut short.
import { messageOf } from '../../errors.ts';
import { changeRun, deleteRuns, type KeptRun, keepRun, listRuns, modelOf } from '../storage/kept_runs.ts';
import { forget, listUnfinished, type Unfinished } from '../storage/unfinished.ts';
import type { Run, SessionState } from './state.ts';
import type { Store } from './store.ts';

const NOTHING = { records: [], unreadable: [] };

/** For so many seconds a deletion can be undone. */
const REGRET = 10;

/** A deletion that can still be undone. Its runs are hidden, and kept until then: a reload has them back. */
interface Deletion {
  readonly runs: readonly KeptRun[];
  /** The last training of this visit, if it is one of them. */
  readonly run: Run | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Runs {
  /** Ids of what cannot be read. */
  private unreadable: { readonly runs: readonly string[]; readonly unfinished: readonly string[] } = {
    runs: [],
    unfinished: [],
  };
  /** Ids of runs that are deleted, or are about to be. */
  private readonly hidden = new Set<string>();
  private deletion: Deletion | undefined;

  constructor(private readonly store: Store<SessionState>) {
    void this.listKept();
    void this.listUnfinished();
  }

  /** A full disk loses nothing of what is shown. */
  async keep({ model, ...run }: Run): Promise<void> {
    this.regain(run.id);
    try {
      await keepRun(run, model);
      await this.listKept();
    } catch (error) {
      const message = `This run is shown but could not be kept (${messageOf(error)}): download what you need of it.`;
      this.store.update({ problem: { message } });
    }
  }

  /**
   * The model of a kept run, or of the last one.
   * @throws Error if the browser has it no longer
   */
  async modelOf(id: string): Promise<Uint8Array> {
    const { run } = this.store.state;
    const model = run?.id === id ? run.model : await modelOf(id);
    if (!model) throw new Error('the model of this run is not kept any more');
    return model;
  }

  async change(run: KeptRun, changes: Pick<KeptRun, 'name'> | Pick<KeptRun, 'note'>): Promise<void> {
    await this.orComplain(changeRun(run, changes));
    await this.listKept();
  }

  /** Some seconds later, or at the next deletion, it cannot be undone any more. */
  delete(...runs: readonly KeptRun[]): void {
    void this.finishDeletion();
    const { run, kept } = this.store.state;
    for (const { id } of runs) this.hidden.add(id);
    const last = run && this.hidden.has(run.id) ? run : undefined;
    const timer = setTimeout(() => void this.finishDeletion(), 1000 * REGRET);
    this.deletion = { runs, run: last, timer };
    this.store.update({
      deleted: runs,
      kept: kept.filter(({ id }) => !this.hidden.has(id)),
      ...(last && { run: undefined }),
    });
  }

  /** Brings the runs of the last deletion back. */
  async undoDeletion(): Promise<void> {
    const { deletion } = this;
    if (!deletion) return;
    this.deletion = undefined;
    clearTimeout(deletion.timer);
    for (const { id } of deletion.runs) this.hidden.delete(id);
    this.store.update({ deleted: undefined, run: this.store.state.run ?? deletion.run });
    await this.listKept();
  }

  /** A run that was deleted and is trained again is not deleted any more. */
  private regain(id: string): void {
    if (!this.hidden.delete(id) || !this.deletion) return;
    this.deletion = { ...this.deletion, runs: this.deletion.runs.filter((run) => run.id !== id) };
  }

  private async finishDeletion(): Promise<void> {
    const { deletion } = this;
    if (!deletion) return;
    this.deletion = undefined;
    clearTimeout(deletion.timer);
    this.store.update({ deleted: undefined });
    const ids = deletion.runs.map(({ id }) => id);
    await this.orComplain(deleteRuns(...ids));
    for (const id of ids) this.hidden.delete(id);
    await this.listKept();
  }

  async discard({ id }: Unfinished): Promise<void> {
    await this.orComplain(forget(id));
    await this.listUnfinished();
  }

  async deleteUnreadable(): Promise<void> {
    const { runs, unfinished } = this.unreadable;
    await this.orComplain(Promise.all([deleteRuns(...runs), forget(...unfinished)]));
    await Promise.all([this.listKept(), this.listUnfinished()]);
  }

  /** Private windows may keep nothing: then there are none. */
  private async listKept(): Promise<void> {
    const { records, unreadable } = await listRuns().catch(() => NOTHING);
    const kept = records.filter(({ id }: KeptRun) => !this.hidden.has(id));
    this.unreadable = { ...this.unreadable, runs: unreadable };
    this.store.update({ kept, listed: true, unreadable: this.countUnreadable() });
  }

  async listUnfinished(): Promise<void> {
    const { records, unreadable } = await listUnfinished().catch(() => NOTHING);
    this.unreadable = { ...this.unreadable, unfinished: unreadable };
    this.store.update({ unfinished: records, unreadable: this.countUnreadable() });
  }

  private countUnreadable(): number {
    return this.unreadable.runs.length + this.unreadable.unfinished.length;
  }

  private async orComplain(change: Promise<unknown>): Promise<void> {
    await change.catch((error: unknown) =>
      this.store.update({
        problem: { message: `This browser did not keep the change: ${messageOf(error)}` },
      }),
    );
  }
}
