// The page as a WebDriver client drives it: jobs come in and outcomes go out through scripts that the client runs
// here, so that the page may lie on any host and no connection leads back to the terminal.
import { version } from '../../package.json';
import { messageOf } from '../errors.ts';
import { encodeModel } from '../formats/model.ts';
import { decodeWire, encodeWire } from '../formats/wire.ts';
import type { TrainOutcome } from '../jobs/job.ts';
import type { DrivenOutcome, DrivenPage, DrivenState, DrivenTask, RemoteError } from '../jobs/remote.ts';
import type { Job, OutcomeOf } from '../jobs/run.ts';
import { modelOf } from '../jobs/train.ts';

declare global {
  interface Window {
    mnistKernels?: DrivenPage;
  }
}

/** Runs a job in the page's worker. */
export type RunTask = (task: DrivenTask, onEvent: () => void) => Promise<OutcomeOf<Job>>;

export function offerToDriver(run: RunTask): void {
  let state: DrivenState | undefined;
  let outcome = '';
  const follow = () => {
    if (state?.phase === 'running') state = { ...state, signs: state.signs + 1 };
  };
  window.mnistKernels = {
    version,
    start(text) {
      if (state?.phase === 'running') throw new Error('the page runs a job already');
      const task = decodeWire(text) as DrivenTask;
      state = { phase: 'running', signs: 0 };
      outcome = '';
      run(task, follow)
        .then((made) => {
          outcome = encodeWire(outcomeOf(made, task));
          state = { phase: 'done', length: outcome.length };
        })
        .catch((error: unknown) => {
          const name = error instanceof Error ? error.name : 'Error';
          state = { phase: 'failed', error: { name, message: messageOf(error) } satisfies RemoteError };
        });
    },
    poll: () =>
      encodeWire(state ?? { phase: 'failed', error: { name: 'Error', message: 'no job was given' } }),
    take: (from, to) => outcome.slice(from, to),
  };
}

function outcomeOf(made: OutcomeOf<Job>, { job, model }: DrivenTask): DrivenOutcome {
  if (!('parameters' in made)) return { report: made as DrivenOutcome['report'] };
  const { stepLosses: _, ...report } = (made as TrainOutcome).report;
  if (!model) return { report };
  const trained = modelOf(made as TrainOutcome);
  // What a model's file has is its accuracy on the test set.
  const heldOut = job.kind === 'train' && job.holdOut !== undefined;
  return { report, model: encodeModel(heldOut ? { ...trained, accuracy: undefined } : trained) };
}
