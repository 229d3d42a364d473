// The page's service worker. It isolates the page where its host cannot send headers, without which there are no
// threads (https://web.dev/articles/coop-coep), and where there is no network it answers with what the browser
// keeps of the site (offline.ts).

// The page's types have no service workers.
interface ExtendableEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface ServiceWorkerScope extends EventTarget {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}
const scope = self as unknown as ServiceWorkerScope;

scope.addEventListener('install', () => void scope.skipWaiting());
scope.addEventListener('activate', (event) => (event as ExtendableEvent).waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (event) => {
  const { request } = event as FetchEvent;
  const { origin } = new URL(request.url);
  if (request.method === 'GET' && origin === location.origin)
    (event as FetchEvent).respondWith(answer(request).then(isolated));
});

/** Files in assets/ carry a hash of their content: what is kept of them is what the host has. */
async function answer(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (path.includes('/assets/')) return (await kept(request)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept(request);
    if (found) return found;
    throw error;
  }
}

/** A folder's page is its index.html; what a page is asked for with does not matter. */
async function kept({ url, mode }: Request): Promise<Response | undefined> {
  const { origin, pathname } = new URL(url);
  const path = mode === 'navigate' && pathname.endsWith('/') ? `${pathname}index.html` : pathname;
  return caches.match(`${origin}${path}`);
}

function isolated(response: Response): Response {
  // Where the host sends the headers its answers go on as they are.
  const isIsolated = response.headers.has('Cross-Origin-Embedder-Policy');
  if (isIsolated || response.status === 0 || response.status === 304) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

export {};
