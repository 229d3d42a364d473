// A training's checkpoint as a file: safetensors with the parameters, the optimizer's state and the loss of
// each step, the rest in its metadata, and a checksum of it all. Going on from it, on the same build, gives
// the bits that going through would have given.
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import type { Recipe } from '../network/recipe.ts';
import type { Checkpoint } from '../training/report.ts';
import { progressSchema } from './report.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { sha256Of } from './sha256.ts';

/** What the training that goes on must have in common with the one that was cut short. */
export interface TrainingIdentity {
  readonly network: string;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Training images that it is tested on. */
  readonly holdOut?: number;
  /** Training images that it takes at most. */
  readonly trainLimit?: number;
  /** The data set's name. */
  readonly data: string;
}

const FORMAT = 'mnist-kernels checkpoint';

/** A tensor of float64; a JSON of some million steps would be longer than a header may be. */
const STEP_LOSSES = 'stepLosses';

/** @returns the bytes of a safetensors file */
export async function encodeCheckpoint(
  identity: TrainingIdentity,
  checkpoint: Checkpoint,
): Promise<Uint8Array> {
  const { buffers, stepLosses, ...progress } = checkpoint;
  const losses = { shape: [stepLosses.length], data: Float64Array.from(stepLosses) };
  const tensors = {
    [STEP_LOSSES]: losses,
    ...Object.fromEntries(
      Object.entries(buffers).map(([name, data]) => [name, { shape: [data.length], data }]),
    ),
  };
  const metadata = { format: FORMAT, ...fieldsOf(identity), progress: JSON.stringify(progress) };
  const sha256 = await sha256Of(writeSafetensors(tensors, metadata));
  return writeSafetensors(tensors, { ...metadata, sha256 });
}

/** A checkpoint that is whole, of whichever training. */
export interface CheckpointFile {
  readonly checkpoint: Checkpoint;
  /** What it says of its training, by the names that messages use. */
  readonly fields: { readonly [field: string]: string };
}

/**
 * @param file for messages
 * @throws InputError if it is no checkpoint, or not as it was written
 */
export async function decodeCheckpoint(bytes: Uint8Array, file: string): Promise<CheckpointFile> {
  const { tensors, doubles, metadata } = readSafetensors(bytes, file);
  const { sha256, ...fields } = metadata;
  if (fields.format !== FORMAT) throw new InputError(`${file}: expected a ${FORMAT}`);
  if (sha256 === undefined) throw new InputError(`${file}: it is of an earlier version, without a checksum`);
  // What was read is written again: any byte that is not as it was shows in the checksum.
  if (sha256 !== (await sha256Of(writeSafetensors({ ...doubles, ...tensors }, fields))))
    throw new InputError(`${file}: it is damaged, its checksum does not match`);
  const progress = parseProgress(fields.progress);
  const losses = doubles[STEP_LOSSES];
  if (!progress || !losses) throw new InputError(`${file}: it is of an earlier version`);
  const buffers = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  return { checkpoint: { ...progress, stepLosses: Array.from(losses.data), buffers }, fields };
}

function parseProgress(text = ''): v.InferOutput<typeof progressSchema> | undefined {
  try {
    return v.parse(progressSchema, JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** @throws InputError if a checkpoint is of another training, naming what differs */
export function checkIdentity({ fields }: CheckpointFile, identity: TrainingIdentity, file: string): void {
  for (const [field, expected] of Object.entries(fieldsOf(identity))) {
    if (fields[field] === expected) continue;
    throw new InputError(
      `${file} is of another training: its ${field} is ${fields[field]}, this one's ${expected}; leave out --resume to start anew`,
    );
  }
}

function fieldsOf({
  network,
  recipe,
  seed,
  holdOut,
  trainLimit,
  data,
}: TrainingIdentity): Record<string, string> {
  return {
    network,
    seed: String(seed),
    'data set': data,
    'held-out images': String(holdOut ?? 0),
    'training images': String(trainLimit ?? 'all'),
    recipe: JSON.stringify(recipe),
  };
}
