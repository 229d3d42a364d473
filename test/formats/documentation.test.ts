// The lines of docs/FORMATS.md that load a model in other libraries, run as they stand there.
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepingWorker } from '../../src/bench/peers/onnxruntime.ts';
import { encodeLayersModel } from '../../src/formats/layers_model.ts';
import { encodeModel, tensorsOf } from '../../src/formats/model.ts';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { readSafetensors } from '../../src/formats/safetensors.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { layersOf } from '../../src/network/spec.ts';
import { ort } from './onnxruntime.ts';
import { sampleOf } from './sample.ts';

const page = readFileSync(join(packageRoot(), 'docs/FORMATS.md'), 'utf8');
const count = 3;
const { network, parameters, pixels, logits } = sampleOf('784-16-10', count);

const files: { readonly [path: string]: string | Uint8Array } = {
  '/model.onnx': encodeOnnx(network, parameters),
  ...Object.fromEntries(
    Object.entries(encodeLayersModel(network, parameters)).map(([name, contents]) => [
      `/model/${name}`,
      contents,
    ]),
  ),
};
const server = createServer(({ url = '' }, response) => response.end(files[url]));
let site: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** The code of the page below a mark, with the address of the model in full. */
function codeOf(mark: string, path: string): string {
  const [, code] = new RegExp(`<!-- run: ${mark} -->\n\`\`\`js\n(.*?)\`\`\``, 's').exec(page)!;
  expect(code).toContain(`'${path}'`);
  return code.replace(`'${path}'`, `'${site}/${path}'`);
}

/** @returns the `values` that the code has at its end */
async function run(code: string, scope: object): Promise<ArrayLike<number>> {
  const AsyncFunction = (async () => {}).constructor as new (
    ...parts: string[]
  ) => (...values: unknown[]) => Promise<ArrayLike<number>>;
  const all = { ...scope, pixels, count };
  return new AsyncFunction(...Object.keys(all), `${code}\nreturn values;`)(...Object.values(all));
}

function expectLogits(values: ArrayLike<number>): void {
  expect(values.length).toBe(count * 10);
  for (const [i, value] of logits.flat().entries()) expect(values[i]).toBeCloseTo(value, 4);
}

it('onnxruntime loads what is exported for it', async () => {
  expectLogits(await keepingWorker(() => run(codeOf('onnxruntime', 'model.onnx'), { ort })));
});

it('tfjs loads what is exported for it', async () => {
  expectLogits(await run(codeOf('tfjs', 'model/model.json'), { tf: { ...core, ...layers } }));
});

it('names the tensors and the metadata of a safetensors file', () => {
  const dataset = { name: 'MNIST', width: 28, height: 28, classes: 10 };
  const model = {
    network,
    parameters,
    dataset,
    accuracy: 0.9,
    source: 'a test',
    activation: 'relu',
  } as const;
  const { tensors, metadata } = readSafetensors(encodeModel(model), 'f');
  const [, named] = /## safetensors\n(.*?)```/s.exec(page)!;
  for (const key of Object.keys(metadata)) expect(named).toContain(`\`${key}\``);
  expect(Object.keys(tensors)).toEqual(
    layersOf(network)
      .flatMap(tensorsOf)
      .map(({ tensor }) => tensor),
  );
  for (const tensor of Object.keys(tensors).slice(0, 3)) expect(named).toContain(`\`${tensor}\``);
});
