// What a report comes to, in sentences: how our engine stands against the others, how sure that is, and
// whether all computed the same.
import { percent } from '../../evaluation/percent.ts';
import { count } from '../../plural.ts';
import { NOISY, QUIET, variation } from '../noise.ts';
import type { BenchCase, BenchReport, PeerEntry } from '../report.ts';
import { ownName, type Piece, piecesOf, shortPeerName, workName } from './names.ts';
import { bytes, duration } from './text.ts';

export interface Finding {
  /** "One training step: 23 times faster than tfjs-wasm, 12 times than jax-js wasm", without a full stop. */
  readonly lead: string;
  /** Sentences: the size, the intervals, the noise, the answers, and who did not run. */
  readonly details: readonly string[];
}

/** One for each piece of work, with our fastest variant as the subject; single kernels stand by themselves. */
export function findingsOf(report: Pick<BenchReport, 'cases'>): Finding[] {
  return piecesOf(report)
    .filter(({ cases }) => cases[0].suite !== 'kernels')
    .map((piece) => (piece.cases[0].suite === 'memory' ? memoryFinding(piece) : finding(piece)));
}

/** Everybody else of a case whose time is known. */
interface Rival {
  readonly name: string;
  readonly ratio: NonNullable<PeerEntry['ratio']>;
}

/** So many of the fastest rivals are named, and all that are not slower than we are. */
const NAMED = 3;

function finding({ what, size, cases }: Piece): Finding {
  const subject = fastest(cases);
  const { milliseconds, callsPerSample } = subject.subject;
  const own = cases.map((each) => workName(each).variant);
  const peers = subject.peers.filter(({ name }) => !own.includes(name) && !isRounded(name));
  const rivals = peers.flatMap(({ name, ratio }): Rival[] => (ratio ? [{ name: spoken(name), ratio }] : []));
  const named = namedOf(rivals);
  const time = duration(milliseconds.median);
  const who = ownName(workName(subject).variant);
  return {
    lead: rivals.length === 0 ? `${what}: ${time}` : `${what}: ${comparedWith(named, rivals.length)}`,
    details: [
      rivals.length === 0 ? `${size}. Timed: ${who}.` : `${size}. Timed: ${who}, ${time}.`,
      ...intervals(named),
      callsPerSample === undefined ? noise(subject) : calls(milliseconds),
      ...answers(subject, peers),
      ...absent(peers),
    ],
  };
}

/** Computes with fewer bits than float32: the tables have it, sentences compare like with like. */
const isRounded = (name: string) => /\b(mixed|int8)\b/.test(name);

/** Of those that compute in float32. */
function fastest(cases: readonly BenchCase[]): BenchCase {
  const exact = cases.filter(({ name }) => !isRounded(name));
  return (exact.length > 0 ? exact : cases).reduce((a, b) =>
    b.subject.milliseconds.median < a.subject.milliseconds.median ? b : a,
  );
}

/** In their order. */
function namedOf(rivals: readonly Rival[]): Rival[] {
  const byTime = [...rivals].sort((a, b) => a.ratio.median - b.ratio.median);
  return rivals.filter((each) => byTime.indexOf(each) < NAMED || standing(each) !== 'faster');
}

const spoken = (name: string) =>
  name.endsWith(' threads') ? `${shortPeerName(name)} on several threads` : name;

/** Ours against the rival; undecided where the interval has both. */
function standing({ ratio: { low, high } }: Rival): 'faster' | 'slower' | 'even' {
  return low > 1 ? 'faster' : high < 1 ? 'slower' : 'even';
}

/** Whether times that cannot be told apart are at least known to be near. */
const isNarrow = ({ ratio: { low, high } }: Rival) => high / low < 1.5;

/** "23 times faster than tfjs-wasm, 12 times than jax-js wasm; about as fast as plain TypeScript" */
function comparedWith(named: readonly Rival[], rivals: number): string {
  const than = (side: 'faster' | 'slower') =>
    named
      .filter((each) => standing(each) === side)
      .map(({ name, ratio }, index) => {
        const much = times(side === 'faster' ? ratio.median : 1 / ratio.median);
        return `${much} times ${index === 0 ? `${side} ` : ''}than ${name}`;
      })
      .join(', ');
  const even = named.filter((each) => standing(each) === 'even');
  const names = (those: readonly Rival[]) => those.map(({ name }) => name).join(' and ');
  const alike = even.filter(isNarrow);
  const unknown = even.filter((each) => !isNarrow(each));
  const rest = rivals - named.length;
  return [
    than('faster'),
    than('slower'),
    alike.length > 0 ? `about as fast as ${names(alike)}` : '',
    unknown.length > 0 ? `too noisy to tell against ${names(unknown)}` : '',
    rest > 0 ? `faster than the ${rest === 1 ? 'other one' : `${rest} others`}` : '',
  ]
    .filter(Boolean)
    .join('; ');
}

/** Two figures, or more until the two are told apart: "between 21 and 25 times". */
function times(value: number, digits = 0): string {
  const wanted = digits + (value >= 9.95 ? 0 : value >= 1.95 ? 1 : 2);
  return wanted === 0 ? count(value) : value.toFixed(wanted);
}

function range(low: number, high: number): string {
  const texts = [0, 1, 2].map((digits) => [times(low, digits), times(high, digits)] as const);
  const [from, to] = texts.find(([a, b]) => a !== b) ?? texts[0];
  return from === to ? `${from} times` : `between ${from} and ${to} times`;
}

function intervals(named: readonly Rival[]): string[] {
  if (named.length === 0) return [];
  const parts = named.map((each) => {
    const { low, high } = each.ratio;
    const side = standing(each);
    const text =
      side === 'even'
        ? `between ${times(1 / low)} times slower and ${times(high)} times faster`
        : side === 'faster'
          ? `${range(low, high)} faster`
          : `${range(1 / high, 1 / low)} slower`;
    return named.length === 1 ? text : `${text} than ${each.name}`;
  });
  return [`With 95 % confidence: ${parts.join('; ')}.`];
}

function noise({ suite, subject: { milliseconds } }: BenchCase): string {
  const varied = variation(milliseconds);
  const by = `times vary by ${percent(varied, 0)}`;
  if (suite === 'start') return `No two starts are alike: ${by}.`;
  if (suite === 'time-to-accuracy') return `Over the seeds, ${by}.`;
  if (varied < QUIET) return `The machine was quiet: ${by}.`;
  return varied < NOISY
    ? `The machine was a little noisy: ${by}.`
    : `The machine was noisy: ${by}. Run it again with nothing else at work.`;
}

const calls = ({ median, p95 }: BenchCase['subject']['milliseconds']) =>
  `Half of the calls take up to ${duration(median)}, 95 of 100 up to ${duration(p95)}.`;

/** Whoever is further off than float32 explains has no time, but an error. */
function answers({ suite, subject }: BenchCase, peers: readonly PeerEntry[]): string[] {
  const timed = peers.filter(({ ratio }) => ratio);
  const differences = [subject, ...timed].map(({ maxAbsDifference }) => maxAbsDifference);
  const known = differences.filter((difference) => difference !== undefined);
  if (known.length < differences.length) return [];
  const what = suite === 'inference' ? 'outputs' : 'losses';
  const within = `${what} within ${Math.max(...known).toExponential(1)} of float64 arithmetic`;
  return [timed.length === 0 ? `Its answers are right: ${within}.` : `All give the same answers: ${within}.`];
}

const absent = (peers: readonly PeerEntry[]) =>
  peers.flatMap(({ name, error }) => (error === undefined ? [] : [`${spoken(name)} has no time: ${error}.`]));

function memoryFinding({ what, size, cases: [{ subject, peers }] }: Piece): Finding {
  const held = (name: string, memory: number | undefined) =>
    memory === undefined ? [] : [`${name} ${bytes(memory)}`];
  const all = [
    ...held('mnist-kernels', subject.start?.memory),
    ...peers.flatMap(({ name, start }) => held(spoken(name), start?.memory)),
  ];
  return {
    lead: `${what}: ${all.join(', ') || 'not told'}`,
    details: [`${size}. JavaScript and WebAssembly together.`, ...absent(peers)],
  };
}
