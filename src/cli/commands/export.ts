// `export`: a saved model in another format, for other libraries or in half the bytes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { InputError } from '../../errors.ts';
import { encodeLayersModel } from '../../formats/layers_model.ts';
import { activationOfModel, encodeModel, type Model } from '../../formats/model.ts';
import { encodeOnnx } from '../../formats/onnx.ts';
import { PRECISIONS, type Precision } from '../../formats/safetensors.ts';
import { encodeTflite } from '../../formats/tflite.ts';
import { examples } from '../examples.ts';
import { loadModel } from '../model_file.ts';
import { reasonOf, withOutputs } from '../output_file.ts';

const FORMATS = ['safetensors', 'onnx', 'tfjs', 'tflite'] as const;

interface Options {
  readonly model: string;
  readonly format: (typeof FORMATS)[number];
  readonly precision: Precision;
  readonly out: string;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('Write a saved model in another format.')
    .requiredOption('--model <file>', 'a model that train or import wrote, or another program')
    .addOption(
      new Option('--format <name>', 'tfjs: a folder with model.json for tf.loadLayersModel')
        .choices(FORMATS)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--precision <name>', 'of safetensors and onnx').choices(PRECISIONS).default(PRECISIONS[0]),
    )
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
  if ((format === 'tfjs' || format === 'tflite') && precision !== 'float32')
    throw new InputError(
      `--precision ${precision} is for safetensors and onnx: ${format} is written in float32`,
    );
  if (format === 'tfjs') return exportLayersModel(await loadModel(file), out);
  await withOutputs([out], async ([output]) => {
    await output?.write(encode(await loadModel(file), format, precision));
  });
}

function encode(model: Model, format: Exclude<Options['format'], 'tfjs'>, precision: Precision): Uint8Array {
  if (format === 'safetensors') return encodeModel(model, precision);
  const { network, parameters, dataset } = model;
  const activation = activationOfModel(model);
  if (format === 'tflite') return encodeTflite(network, parameters, { activation });
  return encodeOnnx(network, parameters, { activation, precision, dataset });
}

async function exportLayersModel(model: Model, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new InputError(`cannot write into ${folder}: ${reasonOf(error, folder)}`);
  });
  const { network, parameters } = model;
  const files = Object.entries(encodeLayersModel(network, parameters, activationOfModel(model)));
  await withOutputs(
    files.map(([name]) => join(folder, name)),
    async (outputs) => {
      for (const [index, [, contents]] of files.entries()) await outputs[index]?.write(contents);
    },
  );
}
