// Isolates the page by a service worker where its host does not: WASM threads need shared memory, and that
// needs isolation.
import { SERVICE_WORKER } from './offline.ts';

/** Set when the page was loaded again once: where that did not help, it goes on with one thread. */
const TRIED = 'mnist-kernels-isolation';

/** @returns whether the page is about to be loaded again */
export async function isolate(): Promise<boolean> {
  if (crossOriginIsolated || !isSecureContext || !navigator.serviceWorker) return false;
  try {
    if (sessionStorage.getItem(TRIED)) return false;
    await navigator.serviceWorker.register(new URL(SERVICE_WORKER, document.baseURI));
    await navigator.serviceWorker.ready;
    sessionStorage.setItem(TRIED, 'yes');
  } catch {
    return false; // private windows, or a host without the file: one thread will do
  }
  location.reload();
  return true;
}
