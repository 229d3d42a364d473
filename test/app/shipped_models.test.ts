// The networks that ship with the page: they are what their reports say.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SHIPPED_MODELS } from '../../src/app/draw/shipped_models.ts';
import { readBytes } from '../../src/data/file_node.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { buildOf } from '../../src/engine/engine.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { runEvaluateJob } from '../../src/jobs/evaluate.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { findRecipe } from '../../src/training/recipes.ts';
import { recordOf, type TrainReport } from '../../src/training/report.ts';

/** Builds round differently, and the file is in float16: an image or two may change sides. */
const TOLERANCE = 3 / 10_000;

it.each(SHIPPED_MODELS)('$title reaches the accuracy that it names', async ({ name, file }) => {
  const model = decodeModel(await readBytes(join(packageRoot(), file)), file);
  const { network, recipe } = findRecipe(name);
  expect(model).toMatchObject({ seed: 1, recipe, network: parseNetwork(network) });
  const text = await readBytes(join(packageRoot(), `models/reports/${name}-1.json`));
  const report: TrainReport = JSON.parse(new TextDecoder().decode(text));
  expect(model.report).toEqual(recordOf({ builds: [buildOf(report.environment)], ...report }));
  expect(model.accuracy).toBe(report.test.accuracy);
  const { test } = await runEvaluateJob(
    { backend: 'wasm', threads: 1, model },
    await loadMnistNode(),
    nodeHost(),
  );
  expect(Math.abs(test.accuracy - model.accuracy!)).toBeLessThan(TOLERANCE);
});
