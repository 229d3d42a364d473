// `export`: a saved model in another format, for other libraries or in half the bytes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { readBytes } from '../../data/file_node.ts';
import { InputError } from '../../errors.ts';
import { encodeLayersModel } from '../../formats/layers_model.ts';
import { decodeModel, encodeModel, type Model } from '../../formats/model.ts';
import { encodeOnnx } from '../../formats/onnx.ts';
import { PRECISIONS, type Precision } from '../../formats/safetensors.ts';
import { activationOf } from '../../network/recipe.ts';
import { examples } from '../examples.ts';
import { reasonOf, withOutputs } from '../output_file.ts';

const FORMATS = ['safetensors', 'onnx', 'tfjs'] as const;

interface Options {
  readonly model: string;
  readonly format: (typeof FORMATS)[number];
  readonly precision: Precision;
  readonly out: string;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('Write a saved model in another format.')
    .requiredOption('--model <file>', 'a model that train --out wrote')
    .addOption(
      new Option('--format <name>', 'tfjs: a folder with model.json for tf.loadLayersModel')
        .choices(FORMATS)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--precision <name>', 'of safetensors').choices(PRECISIONS).default(PRECISIONS[0]))
    .requiredOption('--out <file>', 'where to')
    .addHelpText(
      'after',
      examples(
        'export --model model.safetensors --format onnx --out model.onnx',
        'export --model model.safetensors --format safetensors --precision float16 --out half.safetensors',
      ),
    )
    .action(exportModel);
}

async function exportModel({ model: file, format, precision, out }: Options): Promise<void> {
  if (format !== 'safetensors' && precision !== 'float32')
    throw new InputError(`--precision ${precision} is for safetensors: ${format} is written in float32`);
  if (format === 'tfjs') return exportLayersModel(decodeModel(await readBytes(file), file), out);
  await withOutputs([out], async ([output]) => {
    const model = decodeModel(await readBytes(file), file);
    const { network, parameters, recipe } = model;
    await output?.write(
      format === 'safetensors'
        ? encodeModel(model, precision)
        : encodeOnnx(network, parameters, activationOf(recipe)),
    );
  });
}

async function exportLayersModel({ network, parameters, recipe }: Model, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new InputError(`cannot write into ${folder}: ${reasonOf(error, folder)}`);
  });
  const files = Object.entries(encodeLayersModel(network, parameters, activationOf(recipe)));
  await withOutputs(
    files.map(([name]) => join(folder, name)),
    async (outputs) => {
      for (const [index, [, contents]] of files.entries()) await outputs[index]?.write(contents);
    },
  );
}
