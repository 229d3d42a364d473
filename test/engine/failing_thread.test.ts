// A helper thread that fails is told of at once, with its reason, and the engine goes on with others.
import { expect, it } from 'vitest';
import type { Host } from '../../src/engine/host.ts';
import { open } from '../../src/engine/open.ts';
import type { ThreadStart } from '../../src/engine/wasm/thread.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { train } from '../../src/training/trainer.ts';
import { planOf, prepared, smallMnist } from '../training/setup.ts';

/** A host whose threads get programs with a kernel that does not exist, while `broken` says so. */
function hostOf(broken: () => boolean): Host {
  const host = nodeHost();
  return {
    ...host,
    spawnThread() {
      const thread = host.spawnThread();
      return {
        ...thread,
        begin: (start) => thread.begin(broken() ? withoutKernels(start as ThreadStart) : start),
      };
    },
  };
}

function withoutKernels({ programs, ...start }: ThreadStart): ThreadStart {
  const strange = Object.entries(programs).map(([name, instructions]) => [
    name,
    instructions.map((instruction) => ({ ...instruction, kernel: 'nothing' })),
  ]);
  return { ...start, programs: Object.fromEntries(strange) };
}

it('says why, within seconds, and leaves the engine fit for another plan', async () => {
  const dataset = await smallMnist();
  const plan = planOf(dataset, '784-32-10');
  let broken = true;
  const { engine } = await open(
    hostOf(() => broken),
    { backend: 'wasm', threads: 2, alwaysTogether: true },
  );
  const begin = performance.now();
  const failing = await prepared(engine, plan, dataset);
  await expect(train(failing)).rejects.toThrow(/^a WASM thread stopped answering: .*not a function$/);
  expect(performance.now() - begin).toBeLessThan(10_000);
  await expect(train(failing)).rejects.toThrow('disposed of');
  failing.dispose();

  broken = false;
  const whole = await train(await prepared(engine, plan, dataset));
  expect(whole.epochs.at(-1)!.trainLoss).toBeLessThan(whole.epochs[0].trainLoss);
  engine.dispose();
}, 60_000);
