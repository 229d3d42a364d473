// A turn of a worker's event loop.

/**
 * Lets a pause or stop that waits in the queue take effect: an engine of one thread never returns to the
 * event loop by itself. A message to oneself, since timers may not fire for 4 ms.
 */
export function answerMessages(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
