// Sees to it that a browser does not outlive the process that started it, also when that is killed.
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../hosts/package_root.ts';
import { clearAway, type ProcessGroup } from './leftovers.ts';

export interface Guard {
  /** A new temporary folder, for the browser's profile. */
  readonly folder: string;
  /** @param pid of a process that was started detached: it goes with all that it has started */
  add(pid: number, signal?: ProcessGroup['signal']): void;
  /** Ends all that was added, and removes the folder. */
  clear(): Promise<void>;
}

/**
 * Guards a browser that is about to be started; what {@link Guard.clear} would do is done as well when this
 * process dies.
 */
export async function startGuard(): Promise<Guard> {
  const folder = await mkdtemp(join(tmpdir(), 'mnist-kernels-profile-'));
  const groups: ProcessGroup[] = [];
  // The built entry, as Node cannot load TypeScript.
  const watchdog = spawn(process.execPath, [join(packageRoot(), 'dist/watchdog.js'), folder], {
    detached: true, // what the terminal sends to the command line is not for it
    windowsHide: true, // a detached process of Windows has a window of its own
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without it the browser is cleared away here still.
  watchdog.on('error', () => {});
  watchdog.stdin.on('error', () => {});
  watchdog.unref();
  return {
    folder,
    add(pid, signal = 'SIGKILL') {
      const group: ProcessGroup = { pid, signal };
      groups.push(group);
      watchdog.stdin.write(`${JSON.stringify(group)}\n`);
    },
    async clear() {
      await clearAway({ folder, groups });
      watchdog.kill('SIGKILL');
    },
  };
}
