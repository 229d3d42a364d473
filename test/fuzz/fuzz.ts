// Gives readers inputs that are wrong, and holds each to: an answer or one InputError, soon, and in little
// memory.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { InputError, messageOf } from '../../src/errors.ts';
import { READERS, type Reader } from './readers.ts';

export { READERS, type Reader };

const MAX_SECONDS = 2;
const MAX_MEGABYTES = 200;

/** Small files, by reader: what was found once is tried again each time. */
const FINDINGS = 'test/fuzz/findings';

/** The process's size, and the largest that it ever had. */
const sizes = () => [process.memoryUsage.rss() / 2 ** 20, process.resourceUsage().maxRSS / 1024];

/** @returns what is wrong with how the reader took the input, if anything is */
export async function complaintOf(reader: Reader, input: Uint8Array): Promise<string | undefined> {
  const [size, peak] = sizes();
  const begin = performance.now();
  let complaint: string | undefined;
  try {
    await reader.read(input);
  } catch (error) {
    complaint = complaintAbout(error);
  }
  const seconds = (performance.now() - begin) / 1000;
  const [sizeAfter, peakAfter] = sizes();
  const megabytes = Math.max(sizeAfter - size, peakAfter - peak);
  if (complaint === undefined && seconds > MAX_SECONDS) complaint = `${seconds.toFixed(1)} s`;
  if (complaint === undefined && megabytes > MAX_MEGABYTES) complaint = `${megabytes.toFixed(0)} MB more`;
  return complaint;
}

function complaintAbout(error: unknown): string | undefined {
  const message = messageOf(error);
  if (!(error instanceof InputError))
    return `no InputError: ${error instanceof Error ? error.stack : message}`;
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(message)) return `control characters: ${JSON.stringify(message)}`;
  if (message.length > 2000) return `a message of ${message.length} characters`;
  if (message.trim() === '' || message.includes('[object')) return `a message that says nothing: ${message}`;
  return undefined;
}

/** What was found before and is kept as files. */
export function findings(reader: Reader): { readonly file: string; readonly input: Uint8Array }[] {
  const folder = join(FINDINGS, reader.name);
  try {
    return readdirSync(folder).map((name) => {
      const file = join(folder, name);
      return { file, input: new Uint8Array(readFileSync(file)) };
    });
  } catch {
    return [];
  }
}

export interface Finding {
  readonly complaint: string;
  /** The smallest input that was found, kept there. */
  readonly file: string;
}

/** @returns the first finding, made as small as it gets */
export async function fuzz(reader: Reader, cases: number, seed: number): Promise<Finding | undefined> {
  const inputs = await reader.inputs();
  const property = fc.asyncProperty(inputs, async (input) => {
    const complaint = await complaintOf(reader, input);
    if (complaint !== undefined) throw new Error(complaint);
  });
  const { counterexample, errorInstance } = await fc.check(property, { numRuns: cases, seed });
  if (!counterexample) return undefined;
  const [input] = counterexample;
  const name = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const file = join(FINDINGS, reader.name, name);
  mkdirSync(join(FINDINGS, reader.name), { recursive: true });
  writeFileSync(file, input);
  return { complaint: messageOf(errorInstance), file };
}
