// A few thousand wrong inputs; `npm run fuzz` tries them for as long as one likes.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { complaintOf, findings, fuzz, READERS, type Reader } from './fuzz.ts';

const CASES = 2000;
/** The same cases each time; others are for `npm run fuzz`. */
const SEED = 1;

it.each(READERS.map((reader) => [reader.name, reader] as const))(
  '%s: one clear error or an answer, for each input',
  async (_, reader) => {
    expect(await fuzz(reader, Math.ceil(CASES / READERS.length), SEED)).toBeUndefined();
    for (const { file, input } of findings(reader)) {
      expect(await complaintOf(reader, input), file).toBeUndefined();
    }
  },
  60_000,
);

describe('a reader that fails is found out', () => {
  const failing = (read: Reader['read']) => complaintOf({ ...READERS[0], read }, new Uint8Array());
  const refuse = (message: string) => () => {
    throw Object.assign(new InputError(''), { message });
  };

  it.each<[string, Reader['read'], RegExp]>([
    ['by an error of another kind', () => JSON.parse('{'), /^no InputError: SyntaxError/],
    ['by what steers a terminal', refuse('\u001b[2J'), /^control characters/],
    ['by an endless message', refuse('x'.repeat(3000)), /^a message of 3000 characters/],
    ['by a message that says nothing', refuse('got [object Object]'), /^a message that says nothing/],
    ['by its time', () => new Promise((resolve) => setTimeout(resolve, 2100)), /^\d+\.\d s$/],
    ['by its memory', () => Buffer.alloc(3e8, 1), /^\d{3,} MB more$/],
  ])('%s', async (_, read, complaint) => {
    expect(await failing(read)).toMatch(complaint);
  });
});
