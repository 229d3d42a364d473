// A report as bar charts: one for each piece of work, a bar for each contestant.
import type { BenchCase, BenchReport, PeerEntry } from '../report.ts';
import { ownName, type Piece, peerName, piecesOf, workName } from './names.ts';

export interface BarChart {
  /** "One training step: 784-128-10, batch 128" */
  readonly title: string;
  /** With milliseconds and megabytes the shorter bar is the better one. */
  readonly unit: 'GFLOP/s' | 'ms' | 'MB';
  /** The best first; kernels in the order of a step. */
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly name: string;
  readonly own: boolean;
  readonly value: number;
  /** GFLOP/s of the roofline of as many threads, where it was measured. */
  readonly roofline?: number;
}

export function barChartsOf(report: BenchReport): BarChart[] {
  return piecesOf(report).map((piece) => {
    const { what, size, cases } = piece;
    const unit = unitOf(cases[0]);
    return { title: `${what}: ${size}`, unit, bars: barsOf(piece, unit) };
  });
}

/**
 * Work that is the same again and again, whose operations count; starts, races and single calls are a matter
 * of time.
 */
function unitOf({ suite, subject }: BenchCase): BarChart['unit'] {
  if (suite === 'memory') return 'MB';
  const again = ['kernels', 'step', 'epoch', 'inference'].includes(suite);
  return again && subject.callsPerSample === undefined ? 'GFLOP/s' : 'ms';
}

function barsOf({ cases }: Piece, unit: BarChart['unit']): Bar[] {
  const rooflines = new Map(
    cases.map(({ subject }) => [subject.threads, subject.gflops / subject.rooflineFraction]),
  );
  const bar = (name: string, own: boolean, entry: Partial<PeerEntry>): Bar[] => {
    const value = sizeOf(entry, unit);
    const roofline = unit === 'GFLOP/s' ? rooflines.get(entry.threads ?? 0) : undefined;
    return value === undefined ? [] : [{ name, own, value, roofline }];
  };
  const variants = cases.map((each) => workName(each).variant);
  if (cases[0].suite === 'kernels') return cases.flatMap((each) => bar(each.name, true, each.subject));
  return [
    ...cases.flatMap((each, index) => bar(ownName(variants[index]), true, each.subject)),
    // All were timed in the same turns: the first case has every peer, and our other variants among them.
    ...cases[0].peers
      .filter(({ name }) => !variants.includes(name))
      .flatMap((peer) => bar(peerName(peer), false, peer)),
  ].sort((a, b) => (unit === 'GFLOP/s' ? b.value - a.value : a.value - b.value));
}

function sizeOf({ gflops, milliseconds, start }: Partial<PeerEntry>, unit: BarChart['unit']) {
  if (unit === 'GFLOP/s') return gflops;
  if (unit === 'ms') return milliseconds?.median;
  return start?.memory === undefined ? undefined : start.memory / 1e6;
}
