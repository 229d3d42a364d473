// bench/schema.json is what the sources say, and every file of this project fits it: those that are committed, and
// those that runs write.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { runCompareJob } from '../../src/jobs/compare.ts';
import { runEvaluateJob } from '../../src/jobs/evaluate.ts';
import { renderJsonSchema } from '../../src/jobs/json_schema.ts';
import { modelOf, runTrainJob } from '../../src/jobs/train.ts';
import { runValidateJob } from '../../src/jobs/validate.ts';
import { runWell } from '../cli/run_cli.ts';
import { RECIPE, smallMnist } from '../training/setup.ts';

const inPackage = (path: string) => join(packageRoot(), path);
const text = readFileSync(inPackage('bench/schema.json'), 'utf8');
const validate = new Ajv().compile(JSON.parse(text));

/** What is wrong with a value once it has been a file; nothing if it fits. */
function problems(value: unknown): unknown {
  return validate(JSON.parse(JSON.stringify(value))) ? [] : validate.errors;
}

it('is up to date (npm run schema makes it anew)', () => {
  expect(text).toBe(renderJsonSchema());
});

it.each(
  ['bench/results', 'models/reports'].flatMap((folder) =>
    readdirSync(inPackage(folder)).map((name) => `${folder}/${name}`),
  ),
)('fits %s', (file) => {
  expect(problems(JSON.parse(readFileSync(inPackage(file), 'utf8')))).toEqual([]);
});

describe('fits what is written by', () => {
  const engine = { backend: 'wasm', threads: 1 } as const;
  const training = { network: '784-8-10', recipe: RECIPE, seed: 1, trainLimit: 200 };
  const folder = mkdtempSync(join(tmpdir(), 'schema-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('train and evaluate, with names of classes and without', async () => {
    const whole = await smallMnist();
    for (const dataset of [whole, { ...whole, classNames: [...'abcdefghij'] }]) {
      const outcome = await runTrainJob({ ...engine, ...training }, dataset, nodeHost());
      expect(problems(outcome.report)).toEqual([]);
      const report = await runEvaluateJob({ ...engine, model: modelOf(outcome) }, dataset, nodeHost());
      expect(problems(report)).toEqual([]);
      expect(problems({ ...report, test: { ...report.test, loss: Number.NaN } })).toEqual([]);
    }
  });

  it('compare', async () => {
    const entrants = [
      { name: 'ours', engine },
      { name: 'nobody', engine: { backend: 'wasm', build: 'simd', threads: 100 } as const },
    ];
    const report = await runCompareJob({ entrants, ...training }, await smallMnist(), nodeHost());
    expect(report.entrants.map(({ failure }) => failure !== undefined)).toEqual([false, true]);
    expect(problems(report)).toEqual([]);
  });

  it('validate', async () => {
    const job = { backend: 'wasm', quick: true } as const;
    const report = await runValidateJob(job, await smallMnist(), nodeHost());
    expect(problems(report)).toEqual([]);
    const trajectory = {
      ...{ backend: 'wasm simd', reference: 'oracle', network: '784-10', steps: 200, pass: false },
      ...{ maxLossDifference: Number.NaN, lossBound: 1, maxParameterDifference: 2, parameterBound: 1 },
    };
    expect(problems({ ...report, trajectories: [trajectory] })).toEqual([]);
  });

  it('predict', async () => {
    const { test } = await smallMnist();
    const data = Buffer.from(
      [...test.images.subarray(0, 784)].flatMap((level) => [level, level, level, 255]),
    );
    const [image, json] = [join(folder, 'digit.png'), join(folder, 'predict.json')];
    writeFileSync(image, PNG.sync.write({ width: 28, height: 28, data }));
    await runWell('predict', '--model', inPackage('models/quick.safetensors'), '--json', json, image);
    expect(problems(JSON.parse(readFileSync(json, 'utf8')))).toEqual([]);
  });
});

describe('does not fit', () => {
  const report = JSON.parse(readFileSync(inPackage('models/reports/quick-1.json'), 'utf8'));

  it.each([
    ['a report without its parameters', { ...report, parameters: undefined }],
    ['a report of another version', { ...report, schema: 'mnist-kernels/train@2' }],
    ['a number that is a text', { ...report, seed: '1' }],
    ['a list of names that are numbers', { ...report, dataset: { ...report.dataset, classNames: [1] } }],
    ['nothing', null],
  ])('%s', (_, value) => {
    expect(problems(value)).not.toEqual([]);
  });
});
