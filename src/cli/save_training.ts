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
import type { DataSource } from './data.ts';
import { jsonText } from './options.ts';
import { OutputFile, type Outputs } from './output_file.ts';

/** Something that a training was to leave on the disk. */
export interface Saved {
  readonly what: string;
  readonly place: string;
  /** Why it is not there. */
  readonly problem?: string;
}

/** The model first; what cannot be written keeps nothing else from being written. */
export async function saveTraining(
  outcome: TrainOutcome,
  [out, json, html]: Outputs,
  data: DataSource,
  selection: Selection,
): Promise<Saved[]> {
  const { report, evaluation } = outcome;
  const model = modelOf(outcome);
  const saved: Saved[] = [];
  const save = async (what: string, output: OutputFile | undefined, contents: () => Contents) => {
    if (!output) return;
    const problem = await problemOf(async () => output.write(await contents()));
    saved.push({ what, place: output.file, problem });
  };
  await save('model', out, () => encodeModel(model));
  await save('report', json, () => jsonText(report));
  await save('web page', html, async () => {
    const dataset = select(await data.load(), selection);
    const title = `${report.network} on ${dataset.name}`;
    return renderReport({ title, dataset, model, evaluation, report });
  });
  return Promise.all(saved.map((each) => (each.what === 'model' ? rescued(each, model) : each)));
}

type Contents = string | Uint8Array | Promise<string>;

/** A model that could not be written is kept elsewhere. */
async function rescued(saved: Saved, model: Model): Promise<Saved> {
  const { problem, place } = saved;
  if (problem === undefined) return saved;
  return { ...saved, problem: `${problem}; ${await rescue(model, place)}` };
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
