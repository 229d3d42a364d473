// The JSON that this project writes, as schemas: for tools that read it, and for their authors.
import * as v from 'valibot';
import type { Compiled } from '../bench/compiled.ts';
import { benchReportSchema, campaignSchema } from '../bench/schema.ts';
import { BACKENDS } from '../engine/engine.ts';
import { fleetReportSchema } from '../fleet/schema.ts';
import { environmentSchema, epochReportSchema, trainReportSchema } from '../formats/report.ts';
import { recipeSchema } from '../network/recipe.ts';
import type { CompareReport, EvaluateReport, ValidateReport } from './job.ts';

/** JSON has null for a number that is not finite. */
const figure = v.nullable(v.number());
const names = v.optional(v.array(v.string()));

type ReadonlyDeep<T> = T extends readonly (infer E)[]
  ? readonly ReadonlyDeep<E>[]
  : T extends object
    ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> }
    : T;

/** The schema, if the compiler finds that every such report fits it. */
const of =
  <Report>() =>
  <S extends v.GenericSchema>(schema: Report extends ReadonlyDeep<v.InferInput<S>> ? S : never): S =>
    schema;

const evaluation = v.object({
  samples: v.number(),
  classes: v.number(),
  correct: v.number(),
  accuracy: v.number(),
  interval: v.object({ low: v.number(), high: v.number() }),
  loss: figure,
  confusion: v.array(v.array(v.number())),
  perClass: v.array(
    v.object({ precision: v.number(), recall: v.number(), f1: v.number(), support: v.number() }),
  ),
  calibration: v.object({
    bins: v.array(
      v.object({
        low: v.number(),
        high: v.number(),
        count: v.number(),
        correct: v.number(),
        accuracy: v.number(),
        confidence: v.number(),
      }),
    ),
    accuracy: v.number(),
    confidence: v.number(),
    error: v.number(),
  }),
  mistakes: v.array(
    v.object({
      index: v.number(),
      label: v.number(),
      predicted: v.number(),
      probability: v.number(),
      probabilities: v.array(v.number()),
    }),
  ),
});

const evaluateReport = of<EvaluateReport>()(
  v.object({
    schema: v.literal('mnist-kernels/evaluate@1'),
    environment: environmentSchema,
    network: v.string(),
    dataset: v.object({ name: v.string(), test: v.number(), classNames: names }),
    seconds: v.number(),
    test: evaluation,
  }),
);

const predictReport = v.object({
  schema: v.literal('mnist-kernels/predict@1'),
  model: v.string(),
  predictions: v.array(
    v.object({
      file: v.string(),
      predicted: v.number(),
      className: v.optional(v.string()),
      probabilities: v.array(v.number()),
    }),
  ),
});

const kernelResult = v.object({
  kernel: v.string(),
  backend: v.string(),
  shape: v.string(),
  maxAbsError: figure,
  maxRelError: figure,
  tolerance: figure,
  share: figure,
  pass: v.boolean(),
});

const trajectoryResult = v.object({
  backend: v.string(),
  reference: v.literal('oracle'),
  network: v.string(),
  steps: v.number(),
  maxLossDifference: figure,
  lossBound: v.number(),
  maxParameterDifference: figure,
  parameterBound: v.number(),
  pass: v.boolean(),
});

const validateReport = of<ValidateReport>()(
  v.object({
    schema: v.literal('mnist-kernels/validate@1'),
    environment: v.object({ ...environmentSchema.entries, backend: v.string() }),
    kernels: v.array(kernelResult),
    trajectories: v.array(trajectoryResult),
    passedOver: v.array(v.object({ what: v.string(), why: v.string() })),
    stopped: v.boolean(),
    pass: v.boolean(),
  }),
);

const difference = v.object({
  loss: figure,
  parameter: figure,
  firstStep: v.nullable(v.number()),
  epochs: v.array(v.object({ epoch: v.number(), loss: figure, parameter: figure })),
});

const entrantReport = v.object({
  name: v.string(),
  engine: v.optional(
    v.object({
      backend: v.picklist(BACKENDS),
      adapter: v.string(),
      threads: v.number(),
      simd: v.string(),
      software: v.boolean(),
    }),
  ),
  stepLosses: v.array(figure),
  stepSeconds: v.array(v.number()),
  epochs: v.array(epochReportSchema),
  parameterDifferences: v.array(figure),
  steps: v.number(),
  seconds: v.number(),
  millisecondsPerStep: figure,
  imagesPerSecond: figure,
  ratio: figure,
  testAccuracy: figure,
  difference: v.nullable(difference),
  failure: v.optional(v.string()),
  stopped: v.boolean(),
});

const compareReport = of<CompareReport>()(
  v.object({
    schema: v.literal('mnist-kernels/compare@1'),
    environment: v.object({ runtime: v.string(), userAgent: v.string() }),
    network: v.string(),
    recipe: recipeSchema,
    seed: v.number(),
    dataset: v.object({ name: v.string(), train: v.number(), test: v.number() }),
    entrants: v.array(entrantReport),
  }),
);

const compiledReport = of<Compiled>()(
  v.object({
    schema: v.literal('mnist-kernels/compiled@1'),
    kernels: v.array(
      v.object({
        kernel: v.string(),
        tiling: v.string(),
        family: v.string(),
        instructions: v.number(),
        multiplyAdds: v.number(),
        ldsReads: v.number(),
        clamps: v.number(),
        loads: v.number(),
        wideLoads: v.number(),
        registers: v.number(),
        spilled: v.number(),
        ldsBytes: v.number(),
        waves: v.number(),
      }),
    ),
  }),
);

/** By the name that a file's `schema` has behind "mnist-kernels/". */
export const SCHEMAS = {
  'train@1': trainReportSchema,
  'evaluate@1': evaluateReport,
  'predict@1': predictReport,
  'validate@1': validateReport,
  'compare@1': compareReport,
  'bench@1': benchReportSchema,
  'campaign@1': campaignSchema,
  'compiled@1': compiledReport,
  'fleet@1': fleetReportSchema,
} as const;
