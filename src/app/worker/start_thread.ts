// The script of a WASM thread, as the page's bundle has it.

export function startThread(): Worker {
  return new Worker(new URL('../../engine/wasm/thread_browser.ts', import.meta.url), { type: 'module' });
}
