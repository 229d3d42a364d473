// Whether memory can be shared with a thread here. Only a try tells: WebKit may be cross-origin isolated, and
// make shared memory, but refuse to hand it over.

/** Why threads cannot share memory, as part of a sentence; undefined if they can. */
export const sharedMemoryUnavailable = tryToShare();

function tryToShare(): string | undefined {
  const { port1, port2 } = new MessageChannel();
  try {
    // WebKit's structuredClone refuses also where messages carry it.
    port1.postMessage(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
    return undefined;
  } catch {
    return crossOriginIsolated
      ? 'this browser does not let threads share memory'
      : 'the page is not cross-origin isolated (its server sends no COOP and COEP headers)';
  } finally {
    port1.close();
    port2.close();
  }
}
