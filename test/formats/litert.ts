// LiteRT.js as the tests use it: in Node, for which it is not made, on one thread.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as litert from '@litertjs/core';

const require = createRequire(import.meta.url);
const FOLDER = join(dirname(require.resolve('@litertjs/core')), '../wasm/');
/** Without relaxed SIMD, which Node 20 lacks. */
const SCRIPT = 'litert_wasm_compat_internal.js';

let loaded: Promise<unknown> | undefined;

/** What it looks for in a browser's globals is there while it starts. */
async function load(): Promise<void> {
  const file = join(FOLDER, SCRIPT);
  const module = { exports: {} };
  compileFunction(readFileSync(file, 'utf8'), ['require', 'module', 'exports', '__filename', '__dirname'])(
    require,
    module,
    module.exports,
    file,
    FOLDER,
  );
  const shims = {
    self: globalThis,
    importScripts: () => {},
    ModuleFactory: module.exports,
    Module: { printErr: () => {} },
  };
  Object.assign(globalThis, shims);
  try {
    await litert.loadLiteRt(FOLDER + SCRIPT);
  } finally {
    for (const name of Object.keys(shims)) Reflect.deleteProperty(globalThis, name);
  }
}

/** @param pixels float32 [rows, inputs] @returns float32 [rows, classes] */
export async function litertLogits(
  model: Uint8Array,
  pixels: Float32Array,
  shape: readonly [number, number],
) {
  loaded ??= load();
  await loaded;
  const compiled = await litert.loadAndCompile(model, { accelerator: 'wasm' });
  const [input] = compiled.getInputDetails();
  const tensor = new litert.Tensor(pixels, [...shape]);
  const [logits] = await compiled.run(tensor);
  const values = { input: input.name, data: Float32Array.from(await logits.data()) };
  tensor.delete();
  logits.delete();
  compiled.delete();
  return values;
}
