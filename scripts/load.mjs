// Loads TypeScript of this repository into a script, without a build.
// @ts-check
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

export const vite = await createServer({
  root: dirname(dirname(fileURLToPath(import.meta.url))),
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  assetsInclude: ['**/*.wasm.gz'],
  server: { middlewareMode: true, watch: null, hmr: false, ws: false },
});

/**
 * A module as its sources are now.
 * @param {string} path from the repository's root, "/test/…"
 * @returns {Promise<any>}
 */
export function load(path) {
  vite.moduleGraph.invalidateAll();
  return vite.ssrLoadModule(path);
}
