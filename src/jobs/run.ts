// Any job by its kind: what a worker in a browser runs, without knowing which.
import type { BenchEvent, BenchJob, BenchReport } from '../bench/report.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Host } from '../engine/host.ts';
import { runEvaluateJob } from './evaluate.ts';
import type {
  EvaluateJob,
  EvaluateReport,
  JobControl,
  TrainControl,
  TrainEvent,
  TrainJob,
  TrainOutcome,
  ValidateEvent,
  ValidateJob,
  ValidateReport,
} from './job.ts';
import { runTrainJob } from './train.ts';

export type Job =
  | ({ readonly kind: 'bench' } & BenchJob)
  | ({ readonly kind: 'train' } & TrainJob)
  | ({ readonly kind: 'evaluate' } & EvaluateJob)
  | ({ readonly kind: 'validate' } & ValidateJob);

export type JobEvent = TrainEvent | ValidateEvent | BenchEvent;

export type OutcomeOf<J extends Job> = {
  readonly bench: BenchReport;
  readonly train: TrainOutcome;
  readonly evaluate: EvaluateReport;
  readonly validate: ValidateReport;
}[J['kind']];

type Control = JobControl<JobEvent> & Pick<TrainControl, 'onHeld'>;

/** @throws InputError if the job asks for something that is not to be had */
export async function runJob<J extends Job>(
  job: J,
  host: Host,
  loadDataset: () => Promise<Dataset>,
  control: Control = {},
): Promise<OutcomeOf<J>> {
  return (await dispatch(job, host, loadDataset, control)) as OutcomeOf<J>;
}

async function dispatch(
  job: Job,
  host: Host,
  loadDataset: () => Promise<Dataset>,
  control: Control,
): Promise<OutcomeOf<Job>> {
  switch (job.kind) {
    case 'train':
      return runTrainJob(job, await loadDataset(), host, control);
    case 'evaluate':
      return runEvaluateJob(job, await loadDataset(), host, control);
    case 'bench': {
      // Peers are heavy.
      const { runBench } = await import('../bench/bench.ts');
      return runBench(job, await loadDataset(), host, control.onEvent);
    }
    case 'validate': {
      // The oracle is only wanted here.
      const { runValidateJob } = await import('./validate.ts');
      return runValidateJob(job, await loadDataset(), host, control);
    }
  }
}
