// The shape of a benchmark's JSON, checked where one is read from a file.
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import type { BenchReport } from './report.ts';

const Spread = v.object({
  median: v.number(),
  p5: v.number(),
  p95: v.number(),
  p99: v.optional(v.number()),
});

const Start = v.object({
  script: v.number(),
  open: v.number(),
  step: v.number(),
  downloaded: v.optional(v.number()),
  memory: v.optional(v.number()),
});

const Peer = v.object({
  name: v.string(),
  version: v.optional(v.string()),
  threads: v.optional(v.number()),
  milliseconds: v.optional(Spread),
  gflops: v.optional(v.number()),
  callsPerSample: v.optional(v.number()),
  start: v.optional(Start),
  ratio: v.optional(v.object({ median: v.number(), low: v.number(), high: v.number() })),
  maxAbsDifference: v.optional(v.number()),
  error: v.optional(v.string()),
});

const Epochs = v.object({ imagesPerSecond: v.array(v.number()), lastToFirst: v.number() });

/** The JSON of `bench`. */
export const benchReportSchema = v.object({
  schema: v.literal('mnist-kernels/bench@1'),
  environment: v.looseObject({
    runtime: v.string(),
    userAgent: v.string(),
    processors: v.number(),
    isolated: v.optional(v.boolean()),
    clock: v.optional(v.number()),
    adapter: v.optional(v.string()),
    features: v.optional(v.array(v.string())),
    memory: v.optional(v.number()),
    power: v.optional(v.string()),
    date: v.optional(v.string()),
    version: v.optional(v.string()),
    commit: v.optional(v.string()),
  }),
  roofline: v.object({
    gflops: v.number(),
    threads: v.number(),
    how: v.string(),
    gigabytesPerSecond: v.optional(v.number()),
    halfGflops: v.optional(v.number()),
    overheads: v.optional(
      v.object({ dispatch: v.number(), pass: v.number(), submit: v.number(), readback: v.number() }),
    ),
    together: v.optional(v.object({ gflops: v.number(), threads: v.number() })),
  }),
  cases: v.array(
    v.object({
      suite: v.string(),
      name: v.string(),
      network: v.string(),
      batch: v.number(),
      subject: v.object({
        backend: v.string(),
        threads: v.number(),
        milliseconds: Spread,
        gflops: v.number(),
        callsPerSample: v.optional(v.number()),
        start: v.optional(Start),
        rooflineFraction: v.number(),
        gigabytesPerSecond: v.optional(v.number()),
        maxAbsDifference: v.optional(v.number()),
      }),
      peers: v.array(Peer),
      epochs: v.optional(Epochs),
    }),
  ),
  // Older results have none.
  notes: v.optional(v.array(v.string()), []),
});

/** What `npm run bench:gpu` writes: several benchmarks of one machine among its steps. */
export const campaignSchema = v.object({
  schema: v.literal('mnist-kernels/campaign@1'),
  steps: v.record(v.string(), v.object({ result: v.unknown() })),
});

/**
 * The benchmarks of a campaign are read as one, with the environment and roofline of the first.
 * @param file where the text came from, for messages
 * @throws InputError naming the file, and the field that is wrong
 */
export function parseReport(text: string, file: string): BenchReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError(`${file}: not JSON, expected a result of \`bench --json\``);
  }
  if (v.is(campaignSchema, value)) {
    const parts = Object.values(value.steps).flatMap(({ result }) =>
      v.is(benchReportSchema, result) ? [result] : [],
    );
    if (parts.length === 0) throw new InputError(`${file}: a campaign without a benchmark`);
    const all = <T>(of: (part: (typeof parts)[number]) => readonly T[] | undefined) =>
      parts.flatMap((part) => of(part) ?? []);
    value = { ...parts[0], cases: all(({ cases }) => cases), notes: all(({ notes }) => notes) };
  }
  const { success, issues, output } = v.safeParse(benchReportSchema, value);
  if (success) return output as unknown as BenchReport;
  const [{ message, path }] = issues;
  const field = path?.map(({ key }) => String(key)).join('.') ?? '';
  throw new InputError(`${file}: not a result of \`bench --json\`: ${field && `${field}: `}${message}`);
}
