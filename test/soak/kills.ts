// A training that is killed again and again, and goes on from its checkpoint each time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TRAINING = '--backend wasm --threads 1 --layers 784-64-10 --train-limit 6000';

/** Starts a training, which writes its report at its end. */
function start(epochs: number, report: string, ...more: string[]) {
  const options = [...TRAINING.split(' '), '--epochs', String(epochs), '--json', report, ...more];
  const child = spawn(process.execPath, ['dist/cli.js', 'train', ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const run = { child, said: '', ended: once(child, 'close') as Promise<[code: number | null]> };
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    run.said += chunk;
  });
  return run;
}

interface Outcome {
  readonly parameters: unknown;
  readonly epochs: readonly { readonly epoch: number }[];
  readonly stepLosses: readonly number[];
  readonly test: unknown;
}

/** What the same training has to the bit, however often it was killed. */
function outcomeOf(report: string): Outcome {
  const { parameters, epochs, stepLosses, test } = JSON.parse(readFileSync(report, 'utf8'));
  const recorded = epochs.map(
    ({ seconds: _, imagesPerSecond: __, ...record }: Record<string, number>) => record,
  );
  return { parameters, epochs: recorded, stepLosses, test };
}

export interface Killings {
  readonly kills: number;
  /** Trainings that were killed. */
  readonly trainings: number;
  /** How often one went on from a checkpoint. */
  readonly resumed: number;
}

/**
 * Trains once without a break, then as often as it takes with `kills` kills in all.
 * @throws AssertionError if one that was killed ends with other bits
 * @param lives seconds that a training lives at least and at most from its first word on; how long is chance
 */
export async function killAndResume(
  folder: string,
  kills: number,
  epochs: number,
  [least, most]: readonly [number, number],
  tell: (what: string) => void = () => {},
): Promise<Killings> {
  const whole = join(folder, 'whole.json');
  assert.equal((await start(epochs, whole).ended)[0], 0);
  let killed = 0;
  let trainings = 0;
  let resumed = 0;
  while (killed < kills) {
    const report = join(folder, `resumed${trainings}.json`);
    const checkpoint = join(folder, `kept${trainings}`);
    for (let done = false; !done; ) {
      const run = start(
        epochs,
        report,
        ...['--checkpoint', checkpoint, '--checkpoint-seconds', '0', '--resume'],
      );
      const life = least + Math.random() * (most - least);
      if (killed < kills) {
        // It lives from its first word on, however long a busy machine takes to start it.
        await Promise.race([run.ended, once(run.child.stderr, 'data')]);
        await Promise.race([run.ended, sleep(1000 * life)]);
        run.child.kill('SIGKILL');
      }
      const [code] = await run.ended;
      if (/going on after epoch [1-9]/.test(run.said)) resumed++;
      done = code !== null;
      if (done) assert.equal(code, 0);
      else tell(`killed ${++killed} of ${kills} after ${life.toFixed(2)} s`);
    }
    trainings++;
    assert.deepEqual(outcomeOf(report), outcomeOf(whole));
    tell(`training ${trainings}: the same bits as without a kill`);
  }
  return { kills: killed, trainings, resumed };
}
