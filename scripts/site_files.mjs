// Vite's plugins that write the list of the site's files, which the page keeps for visits without a network
// (src/app/offline.ts): all but what the benchmark's peers and the command line alone load.
// @ts-check
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIST = 'site_files.json';
/** Packages that only the reference and the peers load. */
const PEERS = /\/node_modules\/(@tensorflow|@jax-js|onnxruntime-web|onnxruntime-common|@litertjs)\//;
const LEFT_OUT =
  /^(tfjs|ort|litert)\/|^assets\/tfjs-|^(runner|benchmark)\.html$|^licenses\.md$|^link\.png$|^service_worker\.js$/;

/**
 * @returns {{ note: () => import('vite').Plugin, write: () => import('vite').Plugin }} `note` for each bundle of
 *   a worker, `write` for the page's
 */
export function siteFiles() {
  /** @type {Set<string>} */
  const peers = new Set();
  /** @param {import('vite').Rollup.OutputBundle} bundle */
  const notePeers = (bundle) => {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk' && Object.keys(chunk.modules).some((id) => PEERS.test(id)))
        peers.add(chunk.fileName);
    }
  };
  return {
    note: () => ({ name: 'note-peers', apply: 'build', generateBundle: (_, bundle) => notePeers(bundle) }),
    write: () => ({
      name: 'write-site-files',
      apply: 'build',
      generateBundle: (_, bundle) => notePeers(bundle),
      writeBundle({ dir }) {
        const root = /** @type {string} */ (dir);
        const paths = readdirSync(root, { recursive: true, withFileTypes: true })
          .filter((each) => each.isFile())
          .map((each) =>
            join(each.parentPath, each.name)
              .slice(root.length + 1)
              .replaceAll('\\', '/'),
          )
          .filter((path) => path !== LIST && !LEFT_OUT.test(path) && !peers.has(path))
          .toSorted((a, b) => rank(a) - rank(b));
        const files = Object.fromEntries(paths.map((path) => [path, hashOf(join(root, path))]));
        writeFileSync(join(root, LIST), JSON.stringify(files));
      },
    }),
  };
}

/** The page itself comes after what it loads; the largest network, which few ask for, last. @param {string} path */
function rank(path) {
  return ['assets/', '', 'index.html', 'models/record'].findLastIndex((start) => path.startsWith(start));
}

/** @param {string} file */
const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('base64url').slice(0, 16);
