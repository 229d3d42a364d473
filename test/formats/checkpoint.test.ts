// Checkpoints: what goes in comes out to the bit, and a file that is not as it was written is noticed.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import {
  checkIdentity,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingIdentity,
} from '../../src/formats/checkpoint.ts';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { sha256Of } from '../../src/formats/sha256.ts';
import type { Checkpoint } from '../../src/training/report.ts';
import { RECIPE } from '../training/setup.ts';

const identity: TrainingIdentity = {
  network: '4-3',
  data: 'MNIST',
  recipe: RECIPE,
  seed: 5,
  trainLimit: 100,
};

const checkpoint: Checkpoint = {
  builds: ['wasm simd'],
  epochs: [
    {
      epoch: 1,
      trainLoss: 0.1 + 0.2,
      trainAccuracy: 0.5,
      testLoss: 1 / 3,
      testAccuracy: 0.6,
      seconds: 1.5,
      imagesPerSecond: 1000,
    },
  ],
  stepLosses: [2.3, 1 / 7],
  curve: [
    { epoch: 0.5, loss: 2.3, accuracy: 0.1 },
    { epoch: 1, loss: 1 / 7, accuracy: 0.9 },
  ],
  seconds: 2,
  buffers: {
    kernel0: Float32Array.from({ length: 12 }, (_, i) => Math.fround(1 / (i + 1))),
    bias0: Float32Array.of(0, -0, 1e-45),
    velocityKernel0: new Float32Array(12),
  },
};

const FILE = 'kept/checkpoint.safetensors';

describe('a checkpoint', () => {
  it('is read back whole', async () => {
    const found = await decodeCheckpoint(await encodeCheckpoint(identity, checkpoint), FILE);
    expect(found.checkpoint).toEqual(checkpoint);
    expect(() => checkIdentity(found, identity, FILE)).not.toThrow();
  });

  it('is refused for another training, by what differs', async () => {
    const found = await decodeCheckpoint(await encodeCheckpoint(identity, checkpoint), FILE);
    expect(() => checkIdentity(found, { ...identity, trainLimit: undefined }, FILE)).toThrow(
      new InputError(
        `${FILE} is of another training: its training images is 100, this one's all; leave out --resume to start anew`,
      ),
    );
  });

  it('is refused when any of its bits has changed', async () => {
    const bytes = await encodeCheckpoint(identity, checkpoint);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] ^= 1 << (at % 8);
      await expect(decodeCheckpoint(damaged, FILE), `byte ${at}`).rejects.toThrow(InputError);
    }
  });

  it('says that it is damaged where it can still be read', async () => {
    const bytes = await encodeCheckpoint(identity, checkpoint);
    const damaged = bytes.slice();
    damaged[bytes.length - 1] ^= 0x10;
    await expect(decodeCheckpoint(damaged, FILE)).rejects.toThrow(
      new InputError(`${FILE}: it is damaged, its checksum does not match`),
    );
  });

  it.each([0, 1, 7, 8, 100, -4, -1])('is refused when it is cut to %d bytes', async (length) => {
    const bytes = await encodeCheckpoint(identity, checkpoint);
    await expect(decodeCheckpoint(bytes.slice(0, length), FILE)).rejects.toThrow(InputError);
  });

  it('has room for millions of steps, each to the bit', async () => {
    const stepLosses = Array.from({ length: 5_500_000 }, (_, step) => 1 / (step + 3));
    const bytes = await encodeCheckpoint(identity, { ...checkpoint, stepLosses });
    const found = await decodeCheckpoint(bytes, FILE);
    expect(found.checkpoint.stepLosses.every((loss, step) => loss === stepLosses[step])).toBe(true);
    expect(found.checkpoint.stepLosses).toHaveLength(stepLosses.length);
  }, 30_000);

  it('is refused with the right checksum where its progress is of an earlier version', async () => {
    const { tensors, doubles, metadata } = readSafetensors(
      await encodeCheckpoint(identity, checkpoint),
      FILE,
    );
    const { sha256: _, ...fields } = metadata;
    for (const [all, progress] of [
      [{ ...doubles, ...tensors }, '{"builds":[]}'],
      [{ ...doubles, ...tensors }, 'no JSON'],
      [tensors, fields.progress],
    ] as const) {
      const changed = { ...fields, progress };
      const sha256 = await sha256Of(writeSafetensors(all, changed));
      await expect(decodeCheckpoint(writeSafetensors(all, { ...changed, sha256 }), FILE)).rejects.toThrow(
        new InputError(`${FILE}: it is of an earlier version`),
      );
    }
  });

  it('is refused without a checksum, and when it is something else', async () => {
    const { tensors, metadata } = readSafetensors(await encodeCheckpoint(identity, checkpoint), FILE);
    const { sha256: _, ...earlier } = metadata;
    await expect(decodeCheckpoint(writeSafetensors(tensors, earlier), FILE)).rejects.toThrow(
      `${FILE}: it is of an earlier version, without a checksum`,
    );
    await expect(decodeCheckpoint(writeSafetensors({}, { format: 'pt' }), FILE)).rejects.toThrow(
      `${FILE}: expected a mnist-kernels checkpoint`,
    );
  });
});
