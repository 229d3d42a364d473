// What a benchmark's address asks for:
// #/benchmark?suite=step,inference&backend=wasm&layers=784-128-10&batch=128&peers=…

import { LIMITS } from '../../bench/check_job.ts';
import { BENCH_BACKENDS, defaultPeers, PEER_NAMES, SUITES } from '../../bench/options.ts';
import type { BenchJob } from '../../bench/report.ts';
import { MNIST } from '../../data/dataset.ts';
import { checkThreads } from '../../engine/open.ts';
import { InputError } from '../../errors.ts';
import { checkFit, formatNetwork, parseNetwork } from '../../network/spec.ts';

export const BENCH_FIELDS = ['suite', 'backend', 'peers', 'layers', 'batch', 'seconds', 'threads'] as const;
export type BenchField = (typeof BENCH_FIELDS)[number];

/** As typed or chosen; lists are joined by commas, empty threads mean "all". */
export type BenchValues = { readonly [F in BenchField]: string };

/** Those that run in a browser. */
export const PAGE_PEERS = PEER_NAMES.filter((name) => name !== 'onnxruntime-node');

/** @param backend whose fastest peers it is held against */
export function defaultValues(backend: string): BenchValues {
  const known = BENCH_BACKENDS.find((each) => each === backend) ?? 'wasm';
  return {
    suite: 'step',
    backend: 'wasm',
    peers: defaultPeers(known).join(','),
    layers: '784-128-10',
    batch: '128',
    seconds: '5',
    threads: '',
  };
}

/** Lists may also be given as a parameter several times. */
export function fromParams(params: URLSearchParams): BenchValues {
  const defaults = defaultValues(params.get('backend') ?? '');
  const value = (field: BenchField) => (params.has(field) ? params.getAll(field).join(',') : defaults[field]);
  return Object.fromEntries(BENCH_FIELDS.map((field) => [field, value(field)])) as BenchValues;
}

/**
 * The address with one field changed; what is as by default is left out, so that a backend brings its own
 * peers.
 */
export function withField(params: URLSearchParams, field: BenchField, value: string): URLSearchParams {
  const changed = new URLSearchParams(params);
  changed.set(field, value);
  const defaults = defaultValues(changed.get('backend') ?? '');
  for (const each of BENCH_FIELDS)
    if (changed.getAll(each).join(',') === defaults[each]) changed.delete(each);
  return changed;
}

export type Checked =
  | { readonly job: BenchJob }
  | { readonly problem: { readonly field: BenchField; readonly message: string } };

/** The job that is asked for, or the first thing wrong with it. */
export function checkForm(values: BenchValues): Checked {
  let field: BenchField = 'suite';
  const read = <T>(next: BenchField, reader: (text: string) => T): T => {
    field = next;
    return reader(values[next]);
  };
  try {
    const suites = read('suite', (text) => some('suite', chosen('suite', listed(text), SUITES)));
    const backend = read('backend', (text) => chosen('backend', [text], BENCH_BACKENDS)[0]);
    const peers = read('peers', (text) => chosen('peers', listed(text), PAGE_PEERS));
    const networks = read('layers', (text) => some('network', listed(text)).map(networkFrom));
    const batches = read('batch', (text) => some('batch', listed(text)).map(batchFrom));
    const seconds = read('seconds', (text) => number('seconds', text, ...LIMITS.seconds));
    const threads = read('threads', (text) => (text.trim() === '' ? undefined : checkThreads(Number(text))));
    return {
      job: { suites, backend, peers, networks, batches, seconds, ...(threads !== undefined && { threads }) },
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { problem: { field, message: error.message } };
  }
}

/** The entries of a list that is joined by commas. */
export function listed(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}

function some<T>(what: string, list: readonly T[]): readonly T[] {
  if (list.length === 0) throw new InputError(`no ${what}: expected at least one`);
  return list;
}

function chosen<N extends string>(name: string, list: readonly string[], known: readonly N[]): readonly N[] {
  return list.map((text) => {
    const found = known.find((each) => each === text);
    if (found === undefined) throw new InputError(`${name} "${text}": expected ${known.join(', ')}`);
    return found;
  });
}

function networkFrom(text: string): string {
  const network = parseNetwork(text);
  checkFit(network, MNIST);
  return formatNetwork(network);
}

function batchFrom(text: string): number {
  const batch = number('batch', text, ...LIMITS.batch);
  if (!Number.isInteger(batch)) throw new InputError(`batch "${text}": expected a whole number`);
  return batch;
}

function number(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= from && value <= to) return value;
  throw new InputError(`${name} "${text}": expected a number from ${from} to ${to}`);
}
