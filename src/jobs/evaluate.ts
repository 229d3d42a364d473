// A trained model on a test set, from options to report.
import type { Dataset, Samples } from '../data/dataset.ts';
import type { EngineInfo } from '../engine/engine.ts';
import type { Host } from '../engine/host.ts';
import { open } from '../engine/open.ts';
import { evaluate } from '../evaluation/evaluation.ts';
import { inferenceParameters, inferencePlan } from '../formats/inference.ts';
import type { Model } from '../formats/model.ts';
import { checkFit, formatNetwork } from '../network/spec.ts';
import { measureWithLogits } from '../training/measure.ts';
import { writeDataset, writeParameters } from '../training/transfer.ts';
import { environmentOf } from './environment.ts';
import type { EngineOptions, EvaluateJob, EvaluateReport, JobControl, TrainEvent } from './job.ts';

/** @throws InputError if the model does not fit the data set, or the engine cannot run here */
export async function runEvaluateJob(
  job: EvaluateJob,
  dataset: Dataset,
  host: Host,
  control: JobControl<TrainEvent> = {},
): Promise<EvaluateReport> {
  checkFit(job.model.network, dataset);
  const classNames = dataset.classNames ?? job.model.dataset.classNames;
  const { logits, info, seconds } = await infer(job, job.model, dataset.test, host, control);
  return {
    schema: 'mnist-kernels/evaluate@1',
    environment: environmentOf(host, info),
    network: formatNetwork(job.model.network),
    dataset: { name: dataset.name, test: dataset.test.count, ...(classNames && { classNames }) },
    seconds,
    test: evaluate(logits, dataset.test, dataset.classes),
  };
}

/**
 * A model's logits for images of its size.
 * @returns `logits` float32 [samples, classes], the engine that computed them, and the seconds that it took
 */
export async function infer(
  options: EngineOptions,
  model: Model,
  samples: Samples,
  host: Host,
  control: JobControl<TrainEvent> = {},
): Promise<{ logits: Float32Array; info: EngineInfo; seconds: number }> {
  const { engine, passedOver } = await open(host, options);
  try {
    control.onEvent?.({ kind: 'engine', info: engine.info, passedOver });
    const { evaluationBatch } = engine;
    const plan = inferencePlan(model, samples.count, evaluationBatch);
    const executor = await engine.prepare(plan);
    await writeDataset(executor, { train: samples, test: samples });
    await writeParameters(executor, inferenceParameters(model));
    const begin = performance.now();
    const { logits } = await measureWithLogits(executor);
    return { logits, info: engine.info, seconds: (performance.now() - begin) / 1000 };
  } finally {
    engine.dispose();
  }
}
