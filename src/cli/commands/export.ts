// `export`: a saved model in another format, for other libraries or in half the bytes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { InputError } from '../../errors.ts';
import { encodeLayersModel } from '../../formats/layers_model.ts';
import { activationOfModel, encodeModel, type Model } from '../../formats/model.ts';
import { encodeOnnx } from '../../formats/onnx.ts';
import { PRECISIONS, type Precision } from '../../formats/safetensors.ts';
import { examples } from '../examples.ts';
import { loadModel } from '../model_file.ts';
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
  if (format === 'tfjs') {
    if (precision !== 'float32')
      throw new InputError(
        `--precision ${precision} is for safetensors and onnx: tfjs is written in float32`,
      );
    return exportLayersModel(await loadModel(file), out);
  }
  await withOutputs([out], async ([output]) => {
    const model = await loadModel(file);
    await output?.write(format === 'safetensors' ? encodeModel(model, precision) : onnxOf(model, precision));
  });
}

function onnxOf(model: Model, precision: Precision): Uint8Array {
  const { network, parameters, dataset } = model;
  return encodeOnnx(network, parameters, { activation: activationOfModel(model), precision, dataset });
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
