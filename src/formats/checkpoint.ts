// A training's snapshot as a file: safetensors with the parameters and the optimizer's state, and the rest in its metadata.
// Going on from it gives the bits that going through would have given.
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import type { Recipe } from '../network/recipe.ts';
import type { Snapshot } from '../training/trainer.ts';
import { epochReportSchema } from './model.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** What the training that goes on must have in common with the one that was cut short. */
export interface TrainingIdentity {
  readonly network: string;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Of the training images, and of those that are tested on. */
  readonly holdOut?: number;
  readonly trainLimit?: number;
}

const FORMAT = 'mnist-kernels checkpoint';

const progressSchema = v.object({
  epochs: v.array(epochReportSchema),
  stepLosses: v.array(v.number()),
  curve: v.array(v.object({ epoch: v.number(), loss: v.number(), accuracy: v.number() })),
  seconds: v.number(),
});

/** @returns the bytes of a safetensors file */
export function encodeCheckpoint(identity: TrainingIdentity, snapshot: Snapshot): Uint8Array {
  const { buffers, ...progress } = snapshot;
  const tensors = Object.fromEntries(
    Object.entries(buffers).map(([name, data]) => [name, { shape: [data.length], data }]),
  );
  const metadata = { format: FORMAT, ...fieldsOf(identity), progress: JSON.stringify(progress) };
  return writeSafetensors(tensors, metadata);
}

/**
 * @param file for messages
 * @throws InputError if it is no checkpoint, or one of another training, naming what differs
 */
export function decodeCheckpoint(bytes: Uint8Array, identity: TrainingIdentity, file: string): Snapshot {
  const { tensors, metadata } = readSafetensors(bytes, file);
  if (metadata.format !== FORMAT) throw new InputError(`${file}: expected a ${FORMAT}`);
  for (const [field, expected] of Object.entries(fieldsOf(identity))) {
    if (metadata[field] === expected) continue;
    throw new InputError(
      `${file} is of another training: its ${field} is ${metadata[field]}, this one's ${expected}; leave out --resume to start anew`,
    );
  }
  const buffers = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  try {
    return { ...v.parse(progressSchema, JSON.parse(metadata.progress)), buffers };
  } catch {
    throw new InputError(`${file}: its progress cannot be read`);
  }
}

function fieldsOf({ network, recipe, seed, holdOut, trainLimit }: TrainingIdentity): Record<string, string> {
  return {
    network,
    seed: String(seed),
    'held-out images': String(holdOut ?? 0),
    'training images': String(trainLimit ?? 'all'),
    recipe: JSON.stringify(recipe),
  };
}
