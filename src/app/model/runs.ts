// The runs that this browser keeps with their models, and the trainings that were cut short.
import { messageOf } from '../../errors.ts';
import { deleteRuns, type KeptRun, keepRun, listRuns, modelOf, renameRun } from '../storage/kept_runs.ts';
import { forget, listUnfinished, type Unfinished } from '../storage/unfinished.ts';
import type { Run, SessionState } from './state.ts';
import type { Store } from './store.ts';

const NOTHING = { records: [], unreadable: [] };

export class Runs {
  /** Ids of what cannot be read. */
  private unreadable: { readonly runs: readonly string[]; readonly unfinished: readonly string[] } = {
    runs: [],
    unfinished: [],
  };

  constructor(private readonly store: Store<SessionState>) {
    void this.listKept();
    void this.listUnfinished();
  }

  /** A full disk loses nothing of what is shown. */
  async keep({ model, ...run }: Run): Promise<void> {
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

  async rename(run: KeptRun, name: string): Promise<void> {
    await this.orComplain(renameRun(run, name));
    await this.listKept();
  }

  async delete({ id }: KeptRun): Promise<void> {
    await this.orComplain(deleteRuns(id));
    if (this.store.state.run?.id === id) this.store.update({ run: undefined });
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
    this.unreadable = { ...this.unreadable, runs: unreadable };
    this.store.update({ kept: records, unreadable: this.countUnreadable() });
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
