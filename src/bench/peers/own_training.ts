// This project's engines as contestants in training, whatever their backend, build and number of threads.
import type { Host } from '../../engine/host.ts';
import { type OpenOptions, open } from '../../engine/open.ts';
import type { Work } from '../work.ts';
import { type OwnContestant, trainingOn } from './own_executor.ts';

/** Training steps. */
export async function ownTraining(
  work: Work,
  host: Host,
  name: string,
  options: OpenOptions,
): Promise<OwnContestant> {
  const { engine } = await open(host, options);
  return trainingOn(engine, work, name);
}
