// Vite's plugins that write down the licences of what a build takes from packages, workers included.
// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of a module's package. */
const PACKAGE = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * @param {readonly string[]} shipped folders of packages whose files are shipped as they are
 * @returns {{ note: () => import('vite').Plugin, write: () => import('vite').Plugin }} `note` for each bundle,
 *   `write` for the one that is finished last
 */
export function licensesOf(shipped) {
  const folders = new Set(shipped);
  /** @param {import('vite').Rollup.OutputBundle} bundle */
  const noteFolders = (bundle) => {
    for (const chunk of Object.values(bundle)) {
      for (const id of chunk.type === 'chunk' ? Object.keys(chunk.modules) : []) {
        const folder = PACKAGE.exec(id.replaceAll('\\', '/'))?.[1];
        if (folder !== undefined) folders.add(folder);
      }
    }
  };
  return {
    note: () => ({
      name: 'note-licenses',
      apply: 'build',
      generateBundle: (_, bundle) => noteFolders(bundle),
    }),
    write: () => ({
      name: 'write-licenses',
      apply: 'build',
      generateBundle(_, bundle) {
        noteFolders(bundle);
        const sections = new Set([...folders].map(sectionOf).toSorted());
        this.emitFile({
          type: 'asset',
          fileName: 'licenses.md',
          source: `${HEAD}\n${[...sections].join('\n')}`,
        });
      },
    }),
  };
}

const HEAD = '# Licences of the packages that are part of this build\n';

/** @param {string} folder of a package */
function sectionOf(folder) {
  const { name, version, license, repository } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const file = readdirSync(folder, { withFileTypes: true }).find(
    (each) => each.isFile() && /^licen[cs]e/i.test(each.name),
  );
  const address = typeof repository === 'string' ? repository : repository?.url;
  const text = file
    ? readFileSync(join(folder, file.name), 'utf8').trim()
    : `The package has no text of it${address ? `; it is at ${address}` : ''}.`;
  return `## ${name} ${version} (${license})\n\n${text}\n`;
}
