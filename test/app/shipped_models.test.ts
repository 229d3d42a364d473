// The networks that ship with the page: they are what their reports say.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SHIPPED_MODELS } from '../../src/app/draw/shipped_models.ts';
import { nodeHost } from '../../src/cli/host_node.ts';
import { packageRoot } from '../../src/cli/package_root.ts';
import { loadMnistNode, readBytes } from '../../src/data/mnist_node.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { runEvaluateJob } from '../../src/jobs/evaluate.ts';
import type { TrainReport } from '../../src/training/report.ts';

/** Builds round differently: an image or two may change sides. */
const TOLERANCE = 3 / 10_000;

it.each(SHIPPED_MODELS)('$title reaches the accuracy that it names', async ({ file }) => {
  const path = join(packageRoot(), file);
  const model = decodeModel(await readBytes(path), file);
  const text = new TextDecoder().decode(await readBytes(path.replace('.safetensors', '.json')));
  const report: TrainReport = JSON.parse(text);
  expect(model.report).toEqual({ ...report, stepLosses: [] });
  expect(model.accuracy).toBe(report.test.accuracy);
  const { test } = await runEvaluateJob(
    { backend: 'wasm', threads: 1, model },
    await loadMnistNode(),
    nodeHost(),
  );
  expect(Math.abs(test.accuracy - model.accuracy!)).toBeLessThan(TOLERANCE);
});
