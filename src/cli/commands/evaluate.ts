// `evaluate`: a saved model on a test set.
import { Command } from 'commander';
import { readBytes } from '../../data/mnist_node.ts';
import { renderReport } from '../../evaluation/report_html.ts';
import { decodeModel } from '../../formats/model.ts';
import {
  addDataOption,
  addRunOptions,
  checkWritable,
  loadData,
  type RunOptions,
  runWhereAsked,
  toNumber,
  write,
  writeJson,
} from '../options.ts';
import { accuracyText, confusionTable, noteEngine, seconds, thousands } from '../output.ts';

interface Options extends RunOptions {
  readonly model: string;
  readonly threads?: number;
  readonly html?: string;
}

export function evaluateCommand(): Command {
  return addDataOption(
    addRunOptions(new Command('evaluate').description('Measure a saved model on the test images.')),
  )
    .requiredOption('--model <file>', 'a model that train --out wrote')
    .option('--threads <number>', 'of WASM (default: one for each processor)', toNumber)
    .option('--html <file>', 'write a report as a web page')
    .action(evaluateAndReport);
}

async function evaluateAndReport(options: Options): Promise<void> {
  await checkWritable(options.html, options.json);
  const model = decodeModel(await readBytes(options.model), options.model);
  const { backend, threads } = options;
  const report = await runWhereAsked({ kind: 'evaluate', backend, threads, model }, options, {
    onEvent: (event) => {
      if (event.kind === 'engine') noteEngine(event.info, event.passedOver);
    },
  });
  const evaluation = report.test;
  await writeJson(options.json, report);
  if (options.html !== undefined) {
    const dataset = await loadData(options.data);
    const title = `${report.network} on ${dataset.name}`;
    await write(options.html, renderReport({ title, dataset, model, evaluation, report: model.report }));
  }
  console.log(`${report.network} on ${report.dataset.name}: ${thousands(evaluation.samples)} test images`);
  console.log(
    `accuracy ${accuracyText(evaluation)}, loss ${evaluation.loss.toFixed(4)}, ${seconds(report.seconds)}`,
  );
  console.log(confusionTable(evaluation));
}
