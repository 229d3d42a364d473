// A session with the page open in it, which runs one job after another. All goes through WebDriver's scripts.
import { setTimeout as sleep } from 'node:timers/promises';
import { version } from '../../../package.json';
import { pauseBetweenLooks } from '../../fleet/limits.ts';
import { decodeWire, encodeWire } from '../../formats/wire.ts';
import type { DrivenOutcome, DrivenState, DrivenTask } from '../../jobs/remote.ts';
import type { WebDriverSession } from '../browser/webdriver.ts';

/** How a job in a session is followed. */
export interface Following {
  readonly signal: AbortSignal;
  /** Without a word from the job for so long, its browser is taken to hang. */
  readonly patience: number;
  /** Sessions that are followed at once. */
  readonly sessions: () => number;
  /** Why the job is to end at once, if it is. */
  readonly disturbed?: () => string | undefined;
}

/** From the page's address being opened until its scripts have run. */
const LOAD_SECONDS = 60;

/** Characters: drivers and the Grid's router take some megabytes, a slow line less. */
const PIECE = 2 ** 18;

const POLL = 'return window.mnistKernels ? window.mnistKernels.poll() : null';

/**
 * Opens the page, and waits until it is there.
 * @throws Error if it does not load, or is of another version
 */
export async function openPage(session: WebDriverSession, page: string, signal: AbortSignal): Promise<void> {
  await session.open(page);
  const deadline = performance.now() + 1000 * LOAD_SECONDS;
  for (let pause = 20; ; pause = Math.min(500, 2 * pause)) {
    const found = await session.execute<string | null>(
      'return window.mnistKernels ? window.mnistKernels.version : null',
    );
    if (found === version) return;
    if (found !== null) throw new Error(`the page at ${page} is version ${found}, expected ${version}`);
    if (performance.now() > deadline)
      throw new Error(`no page of mnist-kernels at ${page} within ${LOAD_SECONDS} seconds`);
    await sleep(pause, undefined, { signal });
  }
}

/**
 * Runs a job to its end.
 * @throws Error if it fails, its page is lost, or the browser hangs; AbortError when the signal ends it
 */
export async function runDriven(
  session: WebDriverSession,
  task: DrivenTask,
  following: Following,
): Promise<DrivenOutcome> {
  await session.execute('window.mnistKernels.start(arguments[0])', encodeWire(task));
  const length = await untilDone(session, following);
  let text = '';
  while (text.length < length) {
    following.signal.throwIfAborted();
    const piece = await session.execute<string>(
      'return window.mnistKernels.take(arguments[0], arguments[1])',
      text.length,
      text.length + PIECE,
    );
    if (piece === '') throw new Error('the page lost its outcome');
    text += piece;
  }
  return decodeWire(text) as DrivenOutcome;
}

/** @returns the length of the outcome's text */
async function untilDone(
  session: WebDriverSession,
  { signal, patience, sessions, disturbed }: Following,
): Promise<number> {
  const begin = performance.now();
  let heard = { signs: -1, at: begin };
  for (;;) {
    const age = (performance.now() - begin) / 1000;
    await sleep(1000 * pauseBetweenLooks(age, sessions()), undefined, { signal });
    const why = disturbed?.();
    if (why !== undefined) throw new Error(why);
    const text = await session.execute<string | null>(POLL);
    if (text === null) throw new Error('the page was lost: its browser loaded it anew, or ended');
    const state = decodeWire(text) as DrivenState;
    if (state.phase === 'done') return state.length;
    if (state.phase === 'failed') throw new Error(state.error.message);
    if (state.signs > heard.signs) heard = { signs: state.signs, at: performance.now() };
    else if (performance.now() - heard.at > 1000 * patience)
      throw new Error(`the browser hangs: no word from the job within ${patience} seconds`);
  }
}
