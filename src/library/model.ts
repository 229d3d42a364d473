// Models as files, and the recipes that ship.
import { decodeModel, encodeModel, type Model } from '../formats/model.ts';
import type { Recipe } from '../network/recipe.ts';
import { RECIPES } from '../training/recipes.ts';

/** Those that ship, by name, to begin one's own with: `{ ...recipes.quick, epochs: 5 }`. */
export const recipes: { readonly [name: string]: Recipe } = Object.fromEntries(
  Object.entries(RECIPES).map(([name, { recipe }]) => [name, recipe]),
);

/**
 * @param bytes a safetensors file, of {@link saveModel}, of the command line or of the page
 * @throws InputError naming the first thing that is wrong with it
 */
export async function loadModel(bytes: Uint8Array): Promise<Model> {
  return decodeModel(bytes, 'the model');
}

/**
 * @param precision of the parameters in the file; left out, float32
 * @returns the bytes of a safetensors file
 * @throws InputError if a parameter is too large for float16
 */
export function saveModel(model: Model, precision: 'float32' | 'float16' = 'float32'): Uint8Array {
  return encodeModel(model, precision);
}
