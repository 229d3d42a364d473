// What a benchmark's address asks for: ?suite=step,inference&backend=wasm&layers=784-128-10&batch=128&peers=…&go=1
import type { BenchJob } from '../../../bench/report.ts';
import {
  BENCH_BACKENDS,
  type BenchBackend,
  defaultPeers,
  PEER_NAMES,
  type PeerName,
  SUITES,
  type Suite,
} from '../../../bench/suites.ts';
import { InputError } from '../../errors.ts';

export interface BenchForm {
  readonly suites: readonly Suite[];
  readonly backend: BenchBackend;
  readonly networks: readonly string[];
  readonly batches: readonly number[];
  readonly peers: readonly PeerName[];
  readonly seconds: number;
  /** Starts by itself. */
  readonly go: boolean;
}

const MAX_SECONDS = 600;

/** @throws InputError naming the parameter and what is accepted */
export function readBenchForm(query: URLSearchParams): BenchForm {
  const [backend] = chosen(query, 'backend', BENCH_BACKENDS, ['wasm']);
  return {
    suites: chosen(query, 'suite', SUITES, ['step']),
    backend,
    networks: listed(query, 'layers') ?? ['784-128-10'],
    batches: (listed(query, 'batch') ?? ['128']).map((text) => number('batch', text, 1, 10_000)),
    peers: chosen(query, 'peers', PEER_NAMES, defaultPeers(backend)),
    seconds: number('seconds', query.get('seconds') ?? '5', 0.1, MAX_SECONDS),
    go: query.get('go') === '1',
  };
}

export function toBenchJob({ go: _, ...job }: BenchForm): BenchJob & { readonly kind: 'bench' } {
  return { kind: 'bench', ...job };
}

/** Joined by commas or given several times; undefined if the parameter is missing. */
function listed(query: URLSearchParams, name: string): string[] | undefined {
  if (!query.has(name)) return undefined;
  return query
    .getAll(name)
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter(Boolean);
}

function chosen<N extends string>(
  query: URLSearchParams,
  name: string,
  known: readonly N[],
  otherwise: readonly N[],
): readonly N[] {
  return (
    listed(query, name)?.map((text) => {
      const found = known.find((each) => each === text);
      if (found === undefined) throw new InputError(`${name} "${text}": expected ${known.join(', ')}`);
      return found;
    }) ?? otherwise
  );
}

function number(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= from && value <= to) return value;
  throw new InputError(`${name} "${text}": expected a number from ${from} to ${to}`);
}
