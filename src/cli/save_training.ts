// What a training leaves behind, on disk: its model above all.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Selection, select } from '../data/dataset.ts';
import { messageOf } from '../errors.ts';
import { renderReport } from '../evaluation/report_html.ts';
import { encodeModel, type Model } from '../formats/model.ts';
import type { TrainOutcome } from '../jobs/job.ts';
import { modelOf } from '../jobs/train.ts';
import { jsonText, loadData, type RunOptions } from './options.ts';
import { OutputFile, type Outputs } from './output_file.ts';

/**
 * The model first; what cannot be written keeps nothing else from being written.
 * @returns what went wrong with the model, the report and the page; undefined where nothing did
 */
export async function saveTraining(
  outcome: TrainOutcome,
  [out, json, html]: Outputs,
  options: Pick<RunOptions, 'data'> & Selection,
): Promise<(string | undefined)[]> {
  const { report, evaluation } = outcome;
  const model = modelOf(outcome);
  const problems = [
    await problemOf(async () => out?.write(encodeModel(model))),
    await problemOf(async () => json?.write(jsonText(report))),
    await problemOf(async () => {
      if (!html) return;
      const dataset = select(await loadData(options.data), options);
      const title = `${report.network} on ${dataset.name}`;
      await html.write(renderReport({ title, dataset, model, evaluation, report }));
    }),
  ];
  if (out && problems[0] !== undefined) problems[0] += `; ${await rescue(model, out.file)}`;
  return problems;
}

async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** A model that took hours is kept elsewhere if its place is full. @returns where it is */
async function rescue(model: Model, file: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mnist-kernels-')).catch(() => undefined);
  if (folder === undefined) return 'the model is lost';
  const elsewhere = join(folder, basename(file));
  const problem = await problemOf(async () => (await OutputFile.open(elsewhere)).write(encodeModel(model)));
  if (problem === undefined) return `the model is in ${elsewhere}`;
  await rm(folder, { recursive: true, force: true }).catch(() => {});
  return 'the model is lost';
}
