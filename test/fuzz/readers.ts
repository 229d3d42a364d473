// Every reader of what comes from outside, with inputs that are almost right.
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import type fc from 'fast-check';
import * as v from 'valibot';
import { fromParams as benchFrom, checkForm as checkBenchForm } from '../../src/app/benchmark/bench_form.ts';
import { checkCompare, fromCompareParams } from '../../src/app/compare/compare_form.ts';
import { fromParams as placeFrom } from '../../src/app/learn/place.ts';
import { checkForm, fromKept, fromParams } from '../../src/app/model/form.ts';
import { trainingOf } from '../../src/app/model/run_address.ts';
import { parseFragment } from '../../src/app/router.ts';
import { valuesSchema } from '../../src/app/storage/shelf.ts';
import { parseReport } from '../../src/bench/schema.ts';
import { MNIST } from '../../src/data/dataset.ts';
import { toDigit } from '../../src/data/digit.ts';
import { inflate, makeDataset, parseIdx } from '../../src/data/idx.ts';
import { parsePng } from '../../src/data/png_node.ts';
import { knownTilings } from '../../src/engine/webgpu/autotune.ts';
import { InputError } from '../../src/errors.ts';
import {
  checkIdentity,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingIdentity,
} from '../../src/formats/checkpoint.ts';
import { decodeModel, encodeModel } from '../../src/formats/model.ts';
import { trainReportSchema } from '../../src/formats/report.ts';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { sha256Of } from '../../src/formats/sha256.ts';
import { decodeWire, encodeWire } from '../../src/formats/wire.ts';
import { parseDistortion } from '../../src/network/distortion.ts';
import { lower } from '../../src/network/lower.ts';
import { quantise } from '../../src/network/quantisation.ts';
import { checkRecipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { checkSnapshot } from '../../src/training/check_beginning.ts';
import { RECIPES } from '../../src/training/recipes.ts';
import type { Checkpoint } from '../../src/training/report.ts';
import { idx } from '../cli/idx_folder.ts';
import { sampleOf } from '../formats/sample.ts';
import { MODEL_READERS } from './model_readers.ts';
import { changed, edited } from './mutations.ts';
import { bytesOf, partsOf, withHeader } from './safetensors_parts.ts';

export interface Reader {
  readonly name: string;
  /** Also those that are right. */
  readonly inputs: () => fc.Arbitrary<Uint8Array> | Promise<fc.Arbitrary<Uint8Array>>;
  /** Throws, or rejects with, InputError. */
  readonly read: (input: Uint8Array) => unknown;
}

const encoder = new TextEncoder();
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** JSON as a reader's caller has it; text that is none is the caller's own affair. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    throw new InputError('not JSON');
  }
}

/** Some values are nested too deeply to be written. */
function textOfJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '['.repeat(100_000);
  }
}

const RECIPE = { ...RECIPES.quick.recipe, epochs: 2, batch: 3 };
const SPEC = '4-3';
const SHAPE = { width: 2, height: 2, classes: 3 };

const model = () => {
  const { network, parameters } = sampleOf('4-3-3');
  const dataset = { name: 'small', ...SHAPE };
  return encodeModel({ network, parameters, recipe: RECIPE, seed: 1, accuracy: 0.5, dataset });
};

/** In bytes. */
const int8Model = () => {
  const { network, parameters } = sampleOf('4-3-3');
  const dataset = { name: 'small', ...SHAPE };
  const quantised = quantise(network, parameters, [2]);
  return encodeModel({ network, parameters, quantised, recipe: RECIPE, seed: 1, accuracy: 0.5, dataset });
};

const plan = lower({
  network: parseNetwork(SPEC),
  recipe: RECIPE,
  seed: 1,
  samples: { train: 6, test: 3 },
  image: { width: 2, height: 2 },
});

const identity: TrainingIdentity = { network: SPEC, data: 'small', recipe: RECIPE, seed: 1 };

const checkpoint: Checkpoint = {
  builds: ['wasm simd'],
  epochs: [
    {
      epoch: 1,
      trainLoss: 1,
      trainAccuracy: 0.5,
      testLoss: 1,
      testAccuracy: 0.5,
      seconds: 1,
      imagesPerSecond: 6,
    },
  ],
  stepLosses: [1, 0.9],
  curve: [{ epoch: 1, loss: 1, accuracy: 0.5 }],
  seconds: 1,
  buffers: Object.fromEntries(
    Object.entries(plan.buffers)
      .filter(([, { role }]) => role === 'parameter' || role === 'state')
      .map(([name, { shape }]) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
  ),
};

/** Decodes it and goes as far as a training would before its first step. */
async function resume(bytes: Uint8Array): Promise<void> {
  const found = await decodeCheckpoint(bytes, 'kept');
  checkIdentity(found, identity, 'kept');
  checkSnapshot(found.checkpoint, plan);
}

const images = idx(
  [3, 2, 2],
  Uint8Array.from({ length: 12 }, (_, i) => 20 * i),
);
const labels = idx([3], Uint8Array.of(0, 2, 1));

async function readIdx(bytes: Uint8Array): Promise<void> {
  const found = parseIdx(await inflate(bytes, 'images'), 'images');
  const known = parseIdx(labels, 'labels');
  makeDataset('small', {
    trainImages: found,
    trainLabels: known,
    testImages: parseIdx(images, 'test'),
    testLabels: known,
  });
}

/** A PNG with right checksums: sides, depth, colour type, interlacing, and the pixels. */
function pngOf(input: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.set(input.subarray(0, 13));
  const chunks = [
    ['IHDR', header],
    ['PLTE', Buffer.from([0, 0, 0, 255, 255, 255])],
    ['IDAT', deflateSync(input.subarray(13))],
    ['IEND', Buffer.alloc(0)],
  ] as const;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    ...chunks.map(([type, contents]) => {
      const body = Buffer.concat([Buffer.from(type), contents]);
      const chunk = Buffer.alloc(8 + body.length);
      chunk.writeUInt32BE(contents.length, 0);
      chunk.set(body, 4);
      chunk.writeUInt32BE(crc32(body), 4 + body.length);
      return chunk;
    }),
  ]);
}

const pixels = (depth: number, colourType: number, interlace: number) =>
  Uint8Array.from([
    ...[0, 0, 0, 8, 0, 0, 0, 8, depth, colourType, 0, 0, interlace],
    ...Array.from({ length: 400 }, (_, i) => (i % 9 === 0 ? 0 : (i * 37) & 0xff)),
  ]);

const readImage = (bytes: Uint8Array) => toDigit(parsePng(bytes, 'image'));

const bench = JSON.stringify({
  schema: 'mnist-kernels/bench@1',
  environment: { runtime: 'node 20', userAgent: 'Node', processors: 2 },
  roofline: { gflops: 40, threads: 1, how: 'a probe' },
  cases: [
    {
      suite: 'step',
      name: '784-128-10',
      network: '784-128-10',
      batch: 128,
      subject: {
        backend: 'wasm',
        threads: 1,
        milliseconds: { median: 1, p5: 1, p95: 1 },
        gflops: 30,
        rooflineFraction: 0.7,
      },
      peers: [{ name: 'tfjs-wasm', milliseconds: { median: 2, p5: 2, p95: 2 } }],
    },
  ],
  notes: ['noisy'],
});
const campaign = JSON.stringify({
  schema: 'mnist-kernels/campaign@1',
  steps: { 'bench step': { result: JSON.parse(bench) } },
});

const trainReport = {
  schema: 'mnist-kernels/train@1',
  environment: {
    runtime: 'node',
    userAgent: 'Node',
    backend: 'wasm',
    adapter: 'WASM',
    threads: 1,
    simd: 'simd',
  },
  network: SPEC,
  recipe: RECIPE,
  seed: 1,
  batch: 3,
  dataset: { name: 'small', train: 6, test: 3 },
  builds: ['wasm simd'],
  epochs: checkpoint.epochs,
  seconds: 1,
  stopped: false,
  keptEpoch: 1,
  stepLosses: [1, 0.9],
  test: { accuracy: 0.5, loss: 1, confusion: [[1]] },
  parameters: { count: 15, sha256: null },
};

const ADDRESSES = [
  '#backend=wasm&seed=3&network=784-64-10&epochs=2&batch=64&learningRate=0.1&optimizer=sgd&momentum=0.9',
  '#recipe=standard&schedule=one-cycle&warmup=0.3&distortion=rotation%3D12&threads=2&trainImages=100',
  '#/compare?engines=wasm,tfjs-wasm&epochs=2&trainImages=1000&seed=1',
  '#/benchmark?suite=step,inference&backend=wasm&peers=tfjs-wasm&layers=784-128-10&batch=128&seconds=5',
  '#/learn?step=forward&hidden=32&digit=3&unit=2&pixel=14&rate=0.1',
  '#/results?run=1-2-3-4&seed=3&network=784-10&holdOut=10000&cell=4-9',
  '#rows=batch+32,64&columns=epochs+1,2',
];

function openAddress(bytes: Uint8Array): void {
  const { view, params } = parseFragment(textOf(bytes));
  if (view === 'train') checkForm(fromParams(params), MNIST);
  if (view === 'compare') checkCompare(fromCompareParams(params), MNIST, undefined);
  if (view === 'benchmark') checkBenchForm(benchFrom(params));
  if (view === 'learn') placeFrom(params);
  if (view === 'results') trainingOf(params);
}

const texts = (...samples: string[]) => edited(samples.map((sample) => encoder.encode(sample)));

export const READERS: readonly Reader[] = [
  { name: 'idx', inputs: () => edited([images]), read: readIdx },
  { name: 'gzip', inputs: () => edited([gzipSync(images)]), read: readIdx },
  { name: 'packed_idx', inputs: () => edited([images]), read: (bytes) => readIdx(gzipSync(bytes)) },
  { name: 'safetensors', inputs: () => edited([model()]), read: (bytes) => decodeModel(bytes, 'model') },
  { name: 'int8', inputs: () => edited([int8Model()]), read: (bytes) => decodeModel(bytes, 'model') },
  {
    name: 'int8_header',
    inputs: () => bytesOf(changed([partsOf(int8Model()).header])),
    read: (header) => decodeModel(withHeader(header, partsOf(int8Model()).data), 'model'),
  },
  {
    name: 'safetensors_header',
    inputs: () => bytesOf(changed([partsOf(model()).header])),
    read: (header) => decodeModel(withHeader(header, partsOf(model()).data), 'model'),
  },
  {
    name: 'model_metadata',
    inputs: () => {
      const { metadata } = readSafetensors(model(), 'model');
      const { recipe, dataset, ...rest } = metadata;
      return bytesOf(
        changed([JSON.stringify({ ...rest, recipe: JSON.parse(recipe), dataset: JSON.parse(dataset) })]),
      );
    },
    read: (bytes) => {
      const { tensors } = readSafetensors(model(), 'model');
      const fields = Object.entries(Object(jsonOf(bytes))).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : textOfJson(value),
      ]);
      return decodeModel(writeSafetensors(tensors, Object.fromEntries(fields)), 'model');
    },
  },
  ...MODEL_READERS,
  {
    name: 'checkpoint',
    inputs: async () => edited([await encodeCheckpoint(identity, checkpoint)]),
    read: resume,
  },
  {
    name: 'checkpoint_header',
    inputs: async () => bytesOf(changed([partsOf(await encodeCheckpoint(identity, checkpoint)).header])),
    // With the checksum that a hostile writer would give it.
    read: async (header) => {
      const { data } = partsOf(await encodeCheckpoint(identity, checkpoint));
      const { tensors, doubles, metadata } = readSafetensors(withHeader(header, data), 'kept');
      const { sha256: _, ...fields } = metadata;
      const all = { ...doubles, ...tensors };
      const sha256 = await sha256Of(writeSafetensors(all, fields));
      await resume(writeSafetensors(all, { ...fields, sha256 }));
    },
  },
  { name: 'png', inputs: () => edited([pngOf(pixels(8, 6, 0))]), read: readImage },
  {
    name: 'png_pixels',
    inputs: () =>
      edited([pixels(8, 0, 0), pixels(8, 6, 1), pixels(1, 3, 0), pixels(16, 2, 0), pixels(4, 0, 1)]),
    read: (input) => readImage(pngOf(input)),
  },
  {
    name: 'result',
    inputs: () => bytesOf(changed([bench, campaign])),
    read: (bytes) => parseReport(textOf(bytes), 'result'),
  },
  {
    name: 'recipe',
    inputs: () => bytesOf(changed(Object.values(RECIPES).map(({ recipe }) => JSON.stringify(recipe)))),
    read: (bytes) => checkRecipe(jsonOf(bytes)),
  },
  { name: 'address', inputs: () => texts(...ADDRESSES), read: openAddress },
  {
    name: 'network',
    inputs: () => texts('784-128-10', '784-2500-2000-1500-10'),
    read: (bytes) => parseNetwork(textOf(bytes)),
  },
  {
    name: 'distortion',
    inputs: () => texts('rotation=12,scale=0.15,shear=0.15,shift=1.5,elastic=1,smoothness=5,rest=0'),
    read: (bytes) => parseDistortion(textOf(bytes)),
  },
  {
    name: 'wire',
    inputs: () => {
      const event = {
        kind: 'epoch',
        report: { loss: Number.NaN },
        a: new Float32Array(3),
        b: new Uint8Array(2),
      };
      return bytesOf(changed([encodeWire([event])]));
    },
    read: (bytes) => decodeWire(textOf(bytes)),
  },
  {
    name: 'kept_form',
    inputs: () => bytesOf(changed([JSON.stringify({ recipe: 'quick', network: '784-128-10', seed: '1' })])),
    read: (bytes) => {
      const { success, output } = v.safeParse(valuesSchema, jsonOf(bytes));
      return success && checkForm(fromKept(output), MNIST);
    },
  },
  {
    name: 'kept_run',
    inputs: () => bytesOf(changed([JSON.stringify(trainReport)])),
    read: (bytes) => v.safeParse(trainReportSchema, jsonOf(bytes)),
  },
  {
    name: 'tuning',
    inputs: () => bytesOf(changed([JSON.stringify({ 'a | b | c': '64x64' })])),
    read: (bytes) => knownTilings(jsonOf(bytes)),
  },
];
