// What is set in the texts of shaders/.
import { InputError } from '../../errors.ts';

/** By file name, without `.wgsl`. */
export type WgslSources = { readonly [shader: string]: string };

/**
 * What products are computed of. `mixed`: of float16, with float32 sums, weights and optimizer; it needs a
 * device with the feature shader-f16.
 */
export const PRECISIONS = ['float32', 'mixed'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** The feature of the language that has dot4I8Packed. */
export const PACKED_PRODUCTS = 'packed_4x8_integer_dot_product';

/**
 * A shader's source with its named constants set.
 * @throws InputError if it lacks one of them
 */
export function specialise(source: string, constants: { readonly [name: string]: number }): string {
  return Object.entries(constants).reduce((text, [name, value]) => {
    const declaration = new RegExp(`const ${name}: u32 = \\d+;`);
    if (!declaration.test(text))
      throw new InputError(`the shader has no line const ${name}: u32 = …; which its variants set`);
    return text.replace(declaration, `const ${name}: u32 = ${value};`);
  }, source);
}

const BY_HAND = 'return byHand(a, b);';

/** The language's own product of four bytes in place of one by hand, where the shader has such. */
export function inPackedProducts(source: string): string {
  if (!source.includes(BY_HAND)) return source;
  return `requires ${PACKED_PRODUCTS};\n${source.replace(BY_HAND, 'return dot4I8Packed(a, b);')}`;
}

/** The shader with float16 in place of the type `scalar`. */
export function inFloat16(source: string): string {
  const alias = 'alias scalar = f32;';
  if (!source.includes(alias)) throw new Error('the shader has no scalar type to swap');
  return `enable f16;\n${source.replace(alias, 'alias scalar = f16;')}`;
}
