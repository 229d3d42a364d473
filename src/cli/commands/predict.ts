// `predict`: which digits images show.

import { Command } from 'commander';
import { className } from '../../data/dataset.ts';
import { toDigit } from '../../data/digit.ts';
import { readPng } from '../../data/png_node.ts';
import { InputError, messageOf } from '../../errors.ts';
import { argmax, softmax } from '../../evaluation/evaluation.ts';
import { percent } from '../../evaluation/percent.ts';
import type { Model } from '../../formats/model.ts';
import { nodeHost } from '../../hosts/node.ts';
import { infer } from '../../jobs/evaluate.ts';
import { examples } from '../examples.ts';
import { loadModel } from '../model_file.ts';
import { jsonText } from '../options.ts';
import { print, table } from '../output.ts';
import { type Outputs, withOutputs } from '../output_file.ts';

interface Options {
  readonly model: string;
  readonly json?: string;
}

export function predictCommand(): Command {
  return new Command('predict')
    .description(
      'Tell which digit each image shows: drawn, photographed or scanned, dark on light or light on dark.',
    )
    .argument('<image...>', 'PNG files, one digit each')
    .requiredOption('--model <file>', 'a model that train or import wrote, or another program')
    .option('--json <file>', 'write the result as JSON')
    .addHelpText(
      'after',
      examples(
        'predict --model model.safetensors digit.png',
        'predict --model model.safetensors --json answers.json first.png second.png',
      ),
    )
    .action(predictAndReport);
}

async function predictAndReport(files: string[], options: Options): Promise<void> {
  await withOutputs([options.json], (outputs) => predictInto(outputs, files, options));
}

async function predictInto([json]: Outputs, files: readonly string[], options: Options): Promise<void> {
  const model = await loadModel(options.model);
  const digits = await Promise.all(files.map((file) => readDigit(file, model)));
  const pixels = model.network.widths[0];
  const images = new Uint8Array(digits.length * pixels);
  for (const [index, digit] of digits.entries()) images.set(digit, index * pixels);
  const samples = { count: digits.length, images, labels: new Uint8Array(digits.length) };

  const { logits } = await infer({ backend: 'wasm', threads: 1 }, model, samples, nodeHost());
  const classes = model.network.widths.at(-1)!;
  const { classNames: names } = model.dataset;
  const predictions = files.map((file, index) => {
    const row = logits.subarray(index * classes, (index + 1) * classes);
    const predicted = argmax(row);
    const named = names && { className: className(names, predicted) };
    return { file, predicted, ...named, probabilities: softmax(row) };
  });
  await json?.write(jsonText({ schema: 'mnist-kernels/predict@1', model: options.model, predictions }));
  print(
    table(
      ['image', names ? 'class' : 'digit', 'probability', 'next'],
      predictions.map(({ file, predicted, probabilities }) => {
        const [, next] = probabilities.map((p, label) => ({ p, label })).sort((a, b) => b.p - a.p);
        return [
          file,
          className(names, predicted),
          percent(probabilities[predicted], 1),
          `${className(names, next.label)} (${percent(next.p, 1)})`,
        ];
      }),
    ),
  );
}

/** @throws InputError naming the file */
async function readDigit(file: string, { dataset }: Model): Promise<Uint8Array> {
  const image = await readPng(file);
  try {
    return toDigit(image, dataset);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${file}: ${messageOf(error)}`) : error;
  }
}
