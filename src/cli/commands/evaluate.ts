// `evaluate`: a saved model on a test set.
import { Command } from 'commander';
import { renderReport } from '../../evaluation/report_html.ts';
import { loadModel } from '../model_file.ts';
import {
  addDataOption,
  addRunOptions,
  jsonText,
  loadData,
  type RunOptions,
  runWhereAsked,
  toNumber,
} from '../options.ts';
import { accuracyText, confusionTable, noteEngine, print, seconds, thousands } from '../output.ts';
import { type Outputs, withOutputs } from '../output_file.ts';

interface Options extends RunOptions {
  readonly model: string;
  readonly threads?: number;
  readonly html?: string;
}

export function evaluateCommand(): Command {
  return addDataOption(
    addRunOptions(new Command('evaluate').description('Measure a saved model on the test images.')),
  )
    .requiredOption('--model <file>', 'a model that train or import wrote, or another program')
    .option('--threads <number>', 'of WASM (default: one for each processor)', toNumber)
    .option('--html <file>', 'write a report as a web page')
    .action(evaluateAndReport);
}

async function evaluateAndReport(options: Options): Promise<void> {
  await withOutputs([options.html, options.json], (outputs) => evaluateInto(outputs, options));
}

async function evaluateInto([html, json]: Outputs, options: Options): Promise<void> {
  const model = await loadModel(options.model);
  const { backend, threads } = options;
  const report = await runWhereAsked({ kind: 'evaluate', backend, threads, model }, options, {
    onEvent: (event) => {
      if (event.kind === 'engine') noteEngine(event.info, event.passedOver);
    },
  });
  const evaluation = report.test;
  await json?.write(jsonText(report));
  if (html) {
    const dataset = await loadData(options.data);
    const title = `${report.network} on ${dataset.name}`;
    await html.write(renderReport({ title, dataset, model, evaluation, report: model.report }));
  }
  print(`${report.network} on ${report.dataset.name}: ${thousands(evaluation.samples)} test images`);
  print(
    `accuracy ${accuracyText(evaluation)}, loss ${evaluation.loss.toFixed(4)}, ${seconds(report.seconds)}`,
  );
  print(confusionTable(evaluation));
}
