// `evaluate`: a saved model on a test set.
import { Command } from 'commander';
import { renderReport } from '../../evaluation/report_html.ts';
import type { JobEvent } from '../../jobs/run.ts';
import { plural } from '../../plural.ts';
import { addDataOptions, type DataOptions, openData } from '../data.ts';
import { examples } from '../examples.ts';
import { loadModel } from '../model_file.ts';
import { addRunOptions, jsonText, type RunOptions, runWhereAsked, toNumber } from '../options.ts';
import { accuracyText, confusionTable, noteEngine, print, seconds } from '../output.ts';
import { type Outputs, withOutputs } from '../output_file.ts';

interface Options extends RunOptions, DataOptions {
  readonly model: string;
  readonly threads?: number;
  readonly html?: string;
}

export function evaluateCommand(): Command {
  return addDataOptions(
    addRunOptions(new Command('evaluate').description('Measure a saved model on the test images.')),
  )
    .requiredOption('--model <file>', 'a model that train or import wrote, or another program')
    .option('--threads <number>', 'of WASM (default: one for each processor)', toNumber)
    .option('--html <file>', 'write a report as a web page')
    .addHelpText(
      'after',
      examples(
        'evaluate --model model.safetensors --html report.html',
        'evaluate --model letters.safetensors --data emnist/letters --json letters.json',
      ),
    )
    .action(evaluateAndReport);
}

async function evaluateAndReport(options: Options): Promise<void> {
  await withOutputs([options.html, options.json], (outputs) => evaluateInto(outputs, options));
}

async function evaluateInto([html, json]: Outputs, options: Options): Promise<void> {
  const model = await loadModel(options.model);
  const data = await openData(options);
  const { backend, threads } = options;
  const onEvent = (event: JobEvent) => {
    if (event.kind === 'engine') noteEngine(event.info, event.passedOver);
  };
  const job = { kind: 'evaluate', backend, threads, model } as const;
  const report = await runWhereAsked(job, options, { onEvent }, data);
  const evaluation = report.test;
  const { classNames } = report.dataset;
  await json?.write(jsonText(report));
  if (html) {
    const dataset = { ...(await data.load()), classNames };
    const title = `${report.network} on ${dataset.name}`;
    await html.write(renderReport({ title, dataset, model, evaluation, report: model.report }));
  }
  print(`${report.network} on ${report.dataset.name}: ${plural(evaluation.samples, 'test image')}`);
  print(
    `accuracy ${accuracyText(evaluation)}, loss ${evaluation.loss.toFixed(4)}, ${seconds(report.seconds)}`,
  );
  print(confusionTable(evaluation, classNames));
}
