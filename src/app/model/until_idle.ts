// Waiting until the page has come to rest.
import type { Session } from './session.ts';

/** Seconds. */
const PATIENCE = 10;

/**
 * Until engines were looked for and the data is there, which would disturb the first times of a benchmark; but
 * not for ever.
 * @throws what the signal gives as its reason
 */
export function untilIdle(session: Session, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      unsubscribe();
      clearTimeout(late);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const look = () => {
      if (session.state.engines && !session.state.loading) end();
    };
    const unsubscribe = session.subscribe(look);
    const late = setTimeout(end, 1000 * PATIENCE);
    signal.addEventListener('abort', end);
    look();
  });
}
