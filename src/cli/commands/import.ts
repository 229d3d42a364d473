// `import`: a dense network that another program trained, as a model of this one.
import { Command, Option } from 'commander';
import { activationOfModel, encodeModel, type Model } from '../../formats/model.ts';
import { PRECISIONS, type Precision } from '../../formats/safetensors.ts';
import { ACTIVATIONS, type Activation } from '../../network/activation.ts';
import { countParameters, formatNetwork } from '../../network/spec.ts';
import { count } from '../../plural.ts';
import { examples } from '../examples.ts';
import { loadModels } from '../model_file.ts';
import { print } from '../output.ts';
import { withOutputs } from '../output_file.ts';

interface Options {
  readonly activation?: Activation;
  readonly precision: Precision;
  readonly out: string;
}

export function importCommand(): Command {
  return new Command('import')
    .description(
      'Read a dense network of PyTorch (safetensors), ONNX or TensorFlow.js, and save it as a model.',
    )
    .argument('<file...>', 'one file, or a tfjs model.json or ONNX model and all files of its weights')
    .addOption(
      new Option(
        '--activation <name>',
        'of the hidden units; safetensors do not tell it (default: relu)',
      ).choices(ACTIVATIONS),
    )
    .addOption(new Option('--precision <name>', 'of the model').choices(PRECISIONS).default(PRECISIONS[0]))
    .requiredOption('--out <file>', 'where to')
    .addHelpText(
      'after',
      examples(
        'import net.onnx --out model.safetensors',
        'import model.json group1-shard1of1.bin --out model.safetensors',
      ),
    )
    .action(importModel);
}

async function importModel(files: string[], { activation, precision, out }: Options): Promise<void> {
  await withOutputs([out], async ([output]) => {
    const model = await loadModels(files, { activation });
    await output?.write(encodeModel(model, precision));
    print(describe(model));
  });
}

function describe(model: Model): string {
  const { network, dataset, recipe } = model;
  const { width, height, classes } = dataset;
  const from = recipe ? `trained here with the recipe ${recipe.name}` : model.source;
  return (
    `${formatNetwork(network)}, ${activationOfModel(model)}, ${count(countParameters(network))} parameters, ` +
    `for ${width}×${height} pixels and ${classes} classes: ${from}`
  );
}
