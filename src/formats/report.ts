// The shapes of what a training leaves behind, checked where it is read: from a model's file, from a
// checkpoint, from a browser's storage.
import * as v from 'valibot';
import { BACKENDS, buildOf } from '../engine/engine.ts';
import { recipeSchema } from '../network/recipe.ts';
import { recordOf } from '../training/report.ts';

const epochRecordSchema = v.object({
  epoch: v.number(),
  trainLoss: v.number(),
  trainAccuracy: v.number(),
  testLoss: v.number(),
  testAccuracy: v.number(),
});

export const epochReportSchema = v.object({
  ...epochRecordSchema.entries,
  seconds: v.number(),
  imagesPerSecond: v.number(),
});

const record = v.object({
  network: v.string(),
  recipe: recipeSchema,
  seed: v.number(),
  batch: v.number(),
  dataset: v.object({
    name: v.string(),
    train: v.number(),
    test: v.number(),
    classNames: v.optional(v.array(v.string())),
  }),
  builds: v.optional(v.array(v.string())),
  epochs: v.array(epochRecordSchema),
  stopped: v.boolean(),
  keptEpoch: v.number(),
  test: v.object({ accuracy: v.number(), loss: v.number(), confusion: v.array(v.array(v.number())) }),
  parameters: v.object({ count: v.number(), sha256: v.nullable(v.string()) }),
});

/** Earlier versions kept the whole report, with times and the machine, from which the build follows. */
export const recordSchema = v.pipe(
  v.object({
    ...record.entries,
    environment: v.optional(
      v.object({ backend: v.picklist(BACKENDS), adapter: v.string(), simd: v.string() }),
    ),
  }),
  v.transform(({ environment, builds = environment && [buildOf(environment)], ...report }) =>
    recordOf({ ...report, builds }),
  ),
);

export const environmentSchema = v.object({
  runtime: v.string(),
  userAgent: v.string(),
  backend: v.picklist(BACKENDS),
  adapter: v.string(),
  threads: v.number(),
  simd: v.string(),
});

/** The JSON of `train`. */
export const trainReportSchema = v.object({
  ...record.entries,
  schema: v.literal('mnist-kernels/train@1'),
  environment: environmentSchema,
  epochs: v.array(epochReportSchema),
  seconds: v.number(),
  deviceLost: v.optional(v.string()),
  stepLosses: v.array(v.number()),
});

/** What a checkpoint has besides its tensors. */
export const progressSchema = v.object({
  builds: v.array(v.string()),
  epochs: v.array(epochReportSchema),
  curve: v.array(v.object({ epoch: v.number(), loss: v.number(), accuracy: v.number() })),
  seconds: v.number(),
});

export const checkpointSchema = v.object({
  ...progressSchema.entries,
  stepLosses: v.array(v.number()),
  buffers: v.record(v.string(), v.instance(Float32Array)),
});
