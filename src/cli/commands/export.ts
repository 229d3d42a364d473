// `export`: a saved model in another format, for other libraries or in half the bytes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { InputError } from '../../errors.ts';
import { encodeLayersModel } from '../../formats/layers_model.ts';
import {
  activationOfModel,
  encodeModel,
  MODEL_PRECISIONS,
  type Model,
  type ModelPrecision,
} from '../../formats/model.ts';
import { encodeOnnx } from '../../formats/onnx.ts';
import type { Precision } from '../../formats/safetensors.ts';
import { encodeTflite } from '../../formats/tflite.ts';
import { nodeHost } from '../../hosts/node.ts';
import { logitRangeOf, quantiseModel } from '../../jobs/quantise.ts';
import { addDataOptions, type DataOptions, openData } from '../data.ts';
import { examples } from '../examples.ts';
import { loadModel } from '../model_file.ts';
import { reasonOf, withOutputs } from '../output_file.ts';

const FORMATS = ['safetensors', 'onnx', 'tfjs', 'tflite'] as const;

interface Options extends DataOptions {
  readonly model: string;
  readonly format: (typeof FORMATS)[number];
  readonly precision: ModelPrecision;
  readonly out: string;
}

export function exportCommand(): Command {
  const command = new Command('export').description('Write a saved model in another format.');
  return addDataOptions(command)
    .requiredOption('--model <file>', 'a model that train or import wrote, or another program')
    .addOption(
      new Option('--format <name>', 'tfjs: a folder with model.json for tf.loadLayersModel')
        .choices(FORMATS)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--precision <name>',
        'of safetensors and onnx; int8, of tflite too: calibrated on the training images of --data',
      )
        .choices(MODEL_PRECISIONS)
        .default(MODEL_PRECISIONS[0]),
    )
    .requiredOption('--out <file>', 'where to')
    .addHelpText(
      'after',
      examples(
        'export --model model.safetensors --format onnx --out model.onnx',
        'export --model model.safetensors --format safetensors --precision int8 --out int8.safetensors',
      ),
    )
    .action(exportModel);
}

async function exportModel(options: Options): Promise<void> {
  const { model: file, format, precision, out } = options;
  if (format === 'tfjs' ? precision !== 'float32' : format === 'tflite' && precision === 'float16')
    throw new InputError(
      `--precision ${precision} is for ${precision === 'int8' ? 'safetensors, onnx and tflite' : 'safetensors and onnx'}: ${format} is written in float32`,
    );
  if (format === 'tfjs') return exportLayersModel(await loadModel(file), out);
  await withOutputs([out], async ([output]) => {
    const model = await loadModel(file);
    const bytes =
      precision === 'int8' ? await encodeInt8(model, format, options) : encode(model, format, precision);
    await output?.write(bytes);
  });
}

type OneFile = Exclude<Options['format'], 'tfjs'>;

async function encodeInt8(model: Model, format: OneFile, options: DataOptions): Promise<Uint8Array> {
  const data = await (await openData(options)).load();
  const integers = await quantiseModel(model, data, nodeHost());
  if (format === 'safetensors') return encodeModel(integers);
  const { network, parameters, dataset, quantised = [] } = integers;
  if (format === 'onnx') return encodeOnnx(network, parameters, { quantised, dataset });
  const logitRange = logitRangeOf(integers, data);
  return encodeTflite(network, parameters, { integers: { quantised, logitRange } });
}

function encode(model: Model, format: OneFile, precision: Precision): Uint8Array {
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
