// Models as files, and the recipes that ship.
import { encodeModel, type Model } from '../formats/model.ts';
import { type NamedFile, readModel } from '../formats/read_model.ts';
import type { Activation } from '../network/activation.ts';
import type { Recipe } from '../network/recipe.ts';
import { RECIPES } from '../training/recipes.ts';

/** Those that ship, by name, to begin one's own with: `{ ...recipes.quick, epochs: 5 }`. */
export const recipes: { readonly [name: string]: Recipe } = Object.fromEntries(
  Object.entries(RECIPES).map(([name, { recipe }]) => [name, recipe]),
);

/**
 * A dense network from a file: ours, a stack of PyTorch's Linear layers in safetensors, ONNX, or tfjs layers.
 * What a file is, its content says.
 * @param files one file's bytes, or all files of a model that has several (tfjs's model.json and its weights)
 * @param options `activation` of the hidden units where a file cannot tell; left out, relu
 * @throws InputError naming the first thing that is wrong, or the first layer that is not part of such a network
 */
export async function loadModel(
  files: Uint8Array | readonly NamedFile[],
  options: { readonly activation?: Activation } = {},
): Promise<Model> {
  return readModel(files instanceof Uint8Array ? [{ name: 'the model', bytes: files }] : files, options);
}

/**
 * @param precision of the parameters in the file; left out, float32, or int8 of a model that is quantised
 * @returns the bytes of a safetensors file
 * @throws InputError if a parameter is too large for float16
 */
export function saveModel(model: Model, precision?: 'float32' | 'float16'): Uint8Array {
  return encodeModel(model, precision);
}
