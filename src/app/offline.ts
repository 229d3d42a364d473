// Keeps the site's files in the browser, so that all of the page but the peers works without a network after a
// first visit.

import type { Session } from './model/session.ts';
import { untilIdle } from './model/until_idle.ts';

/** Beside index.html: a service worker's folder is what it may serve. */
export const SERVICE_WORKER = 'service_worker.js';

const CACHE = 'mnist-kernels';

/** What the build wrote (scripts/site_files.mjs): a hash of each file by its path on the site. */
const LIST = 'site_files.json';
type SiteFiles = { readonly [path: string]: string };

/**
 * Fetches what is not kept yet, one file at a time, and only while no training runs. Nothing is kept for a
 * visitor who saves data, nor where there are no service workers.
 * @throws Error if the host has no list or the browser keeps nothing
 */
export async function keepForOffline(session: Session): Promise<void> {
  const { connection } = navigator as { readonly connection?: { readonly saveData?: boolean } };
  if (!isSecureContext || !navigator.serviceWorker || connection?.saveData) return;
  await untilIdle(session, new AbortController().signal);
  await navigator.serviceWorker.register(siteFile(SERVICE_WORKER));
  const cache = await caches.open(CACHE);
  const kept = await cache.match(siteFile(LIST));
  const before = ((await kept?.json()) ?? {}) as SiteFiles;
  const answer = await fetch(siteFile(LIST));
  if (!answer.ok) throw new Error(`${LIST}: the server answered ${answer.status}`);
  const files = (await answer.clone().json()) as SiteFiles;
  for (const [path, hash] of Object.entries(files)) {
    const url = siteFile(path);
    const isCurrent = path.startsWith('assets/') || before[path] === hash;
    if (isCurrent && (await cache.match(url))) continue;
    await untilAtRest(session);
    await cache.add(url).catch(() => {}); // a host may leave out a model
  }
  await cache.put(siteFile(LIST), answer);
  const wanted = new Set([LIST, ...Object.keys(files)].map(siteFile));
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
}

const siteFile = (path: string): string => new URL(path, document.baseURI).href;

/** While no training runs, whose speed fetching would spoil. */
function untilAtRest(session: Session): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (session.busy) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = session.subscribe(look);
    look();
  });
}
