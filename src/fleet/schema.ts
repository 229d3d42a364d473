// The shape of a fleet's JSON, checked where one is read from a file.
import * as v from 'valibot';
import { benchReportSchema } from '../bench/schema.ts';
import { trainReportSchema } from '../formats/report.ts';

const place = v.object({
  slot: v.string(),
  node: v.string(),
  browser: v.string(),
  platform: v.optional(v.string()),
});

const training = v.omit(trainReportSchema, ['stepLosses']);

/** The JSON of `bench`, `train` and `sweep` with `--grid`. */
export const fleetReportSchema = v.object({
  schema: v.literal('mnist-kernels/fleet@1'),
  version: v.string(),
  command: v.picklist(['bench', 'train', 'sweep']),
  grid: v.string(),
  started: v.string(),
  ended: v.string(),
  jobs: v.object({ total: v.number(), done: v.number(), failed: v.number(), waiting: v.number() }),
  places: v.array(v.object({ ...place.entries, jobs: v.number() })),
  benchmarks: v.optional(
    v.array(v.object({ name: v.string(), place, attempt: v.number(), report: benchReportSchema })),
  ),
  trainings: v.optional(
    v.array(
      v.object({
        name: v.string(),
        values: v.record(v.string(), v.union([v.number(), v.string()])),
        place,
        attempt: v.number(),
        report: training,
        model: v.optional(v.string()),
      }),
    ),
  ),
  failures: v.array(
    v.object({
      at: v.string(),
      why: v.string(),
      job: v.optional(v.string()),
      attempt: v.optional(v.number()),
      place: v.optional(place),
      browser: v.optional(v.string()),
    }),
  ),
  bits: v.object({
    compared: v.number(),
    places: v.number(),
    builds: v.array(v.string()),
    differences: v.array(
      v.object({
        training: v.string(),
        build: v.string(),
        results: v.array(v.object({ sha256: v.string(), places: v.array(place) })),
      }),
    ),
  }),
});
