// A report as bar charts: one for each piece of work, a bar for each contestant.
import type { BenchCase, BenchReport, PeerEntry } from '../report.ts';

export interface BarChart {
  /** "step 784-128-10, batch 128" */
  readonly title: string;
  /** With milliseconds the shorter bar is the better one. */
  readonly unit: 'GFLOP/s' | 'ms';
  /** Ours in their order, then the peers, the best first. */
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly name: string;
  readonly own: boolean;
  readonly value: number;
  /** GFLOP/s of the roofline of as many threads, where it was measured. */
  readonly roofline?: number;
}

/**
 * Work that is the same again and again, whose operations count; starts, races and single calls are a matter
 * of time.
 */
const isThroughput = ({ suite, subject }: BenchCase): boolean =>
  ['kernels', 'step', 'epoch', 'inference'].includes(suite) && subject.callsPerSample === undefined;

export function barChartsOf({ cases }: BenchReport): BarChart[] {
  const groups = new Map<string, BenchCase[]>();
  for (const each of cases) {
    const title = titleOf(each);
    groups.set(title, [...(groups.get(title) ?? []), each]);
  }
  return [...groups].map(([title, group]) => ({
    title,
    unit: isThroughput(group[0]) ? 'GFLOP/s' : 'ms',
    bars: barsOf(group),
  }));
}

/**
 * A case's name is its network, what is done if that is not plain, and which of our variants does it; a
 * kernel's is its own.
 */
function partsOf({ name, network }: BenchCase): { work: string; variant: string } {
  if (!name.startsWith(`${network} `)) return { work: '', variant: name };
  const [, work = '', variant] = /^(?:(one image|to [\d.]+ %), )?(.*)$/.exec(name.slice(network.length + 1))!;
  return { work, variant };
}

function titleOf(each: BenchCase): string {
  const { suite, network, batch } = each;
  const { work } = partsOf(each);
  if (suite === 'inference') return `${suite} ${network}, ${work || 'all test images'}`;
  return work ? `${suite} ${network} ${work}` : `${suite} ${network}, batch ${batch}`;
}

function barsOf(group: readonly BenchCase[]): Bar[] {
  const throughput = isThroughput(group[0]);
  const rooflines = new Map(
    group.map(({ subject }) => [subject.threads, subject.gflops / subject.rooflineFraction]),
  );
  const bar = (name: string, own: boolean, { threads, gflops, milliseconds }: Partial<PeerEntry>): Bar[] => {
    const value = throughput ? gflops : milliseconds?.median;
    const roofline = throughput && threads !== undefined ? rooflines.get(threads) : undefined;
    return value === undefined ? [] : [{ name, own, value, roofline }];
  };
  const own = group.flatMap((each) => bar(partsOf(each).variant, true, each.subject));
  // All were timed in the same turns: the first case has every peer, and our other variants among them.
  const peers = group[0].peers
    .filter(({ name }) => !own.some((ours) => ours.name === name))
    .flatMap((peer) => bar(peer.name, false, peer))
    .sort((a, b) => (throughput ? b.value - a.value : a.value - b.value));
  return [...own, ...peers];
}
