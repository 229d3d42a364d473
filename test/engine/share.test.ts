// Items that threads take from each other's shares (assembly/share.ts): whatever the order in which they come, each is
// taken once, also while some are at the next call already.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT_BYTES } from '../../src/engine/wasm/memory_map.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { compileEntry, type Texts } from '../kernels/compile.ts';

interface Items {
  readonly beginItems: (context: number) => void;
  readonly nextItem: (count: number, context: number) => number;
}

const ENTRY = "import './context'; export { beginItems, nextItem } from './share';";
const CONTEXTS = 1024;
const CALLS = 3;

async function compiled(text?: string): Promise<{ items: Items; memory: WebAssembly.Memory }> {
  const texts: Texts = text === undefined ? {} : { 'assembly/share.ts': text };
  const module = await compileEntry(ENTRY, texts, 'threads');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const abort = () => {
    throw new Error('aborted');
  };
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort } });
  return { items: exports as unknown as Items, memory };
}

/**
 * Makes some calls, each thread going on whenever `order` names it, and then one thread after the other.
 * @returns of each call the items in the order in which they were taken, and by which thread
 */
function taken(
  { items, memory }: { items: Items; memory: WebAssembly.Memory },
  threads: number,
  count: number,
  order: readonly number[],
): { item: number; by: number }[][] {
  const words = new Uint32Array(memory.buffer);
  words.fill(0);
  const contextOf = (thread: number) => CONTEXTS + thread * CONTEXT_BYTES;
  for (let thread = 0; thread < threads; thread++) words.set([thread, threads], contextOf(thread) / 4);
  const calls: { item: number; by: number }[][] = Array.from({ length: CALLS }, () => []);
  const isAt = Array.from({ length: threads }, () => -1);
  const goOn = (by: number): boolean => {
    if (isAt[by] === CALLS) return false;
    const item = isAt[by] < 0 ? -1 : items.nextItem(count, contextOf(by));
    if (item >= 0) calls[isAt[by]].push({ item, by });
    else if (++isAt[by] < CALLS) items.beginItems(contextOf(by));
    return true;
  };
  for (const by of order) goOn(by % threads);
  for (let by = 0; by < threads; by++) while (goOn(by));
  return calls;
}

/** @throws Error with a counterexample */
function holds(of: { items: Items; memory: WebAssembly.Memory }): void {
  const orders = fc.array(fc.nat(11), { maxLength: 120 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(40), orders, (threads, count, order) => {
      for (const call of taken(of, threads, count, order)) {
        const sorted = call.map(({ item }) => item).toSorted((a, b) => a - b);
        expect(sorted).toEqual(Array.from({ length: count }, (_, item) => item));
      }
    }),
    { seed: 5, numRuns: 2000 },
  );
}

describe('items that threads share', () => {
  let real: { items: Items; memory: WebAssembly.Memory };
  beforeAll(async () => {
    real = await compiled();
  });

  it('are taken once each, in whatever order threads come', () => {
    holds(real);
  });

  it('are all taken by one thread where the others do not come', () => {
    const [first] = taken(real, 3, 9, Array(12).fill(1));
    expect(first.map(({ item, by }) => [item, by])).toEqual(
      // Its own from the beginning, then those of the next threads from their ends.
      [3, 4, 5, 8, 7, 6, 2, 1, 0].map((item) => [item, 1]),
    );
  });

  it.each([
    ['a helper does not notice that the owner is at a later call', 'if (ahead > 0) break;', ''],
    ['what was taken of an earlier call counts', 'ahead == 0 ? <u32>seen : 0', '<u32>seen'],
    ['items from the end are not counted', 'fromBeginning + fromEnd == items', 'fromBeginning == items'],
  ])('notice when %s', async (_, text, planted) => {
    const source = readFileSync(join(packageRoot(), 'assembly/share.ts'), 'utf8');
    expect(source).toContain(text);
    const wrong = await compiled(source.replace(text, planted));
    expect(() => holds(wrong)).toThrow();
  });
});
