// What a started browser leaves behind when nobody closes it: its processes and its temporary folders.
import { spawnSync } from 'node:child_process';
import { readlink, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Leftovers {
  /** The temporary folder with the browser's profile. */
  readonly folder: string;
  readonly groups: readonly ProcessGroup[];
}

/** A process that was started detached, and all that it has started since. */
export interface ProcessGroup {
  /** The id of its first process, which is the group's as well. */
  readonly pid: number;
  /** SIGTERM for a program that has something of its own to clear away. */
  readonly signal: 'SIGKILL' | 'SIGTERM';
}

/** Ends the groups and removes the folder; what is gone already is well. */
export async function clearAway({ folder, groups }: Leftovers): Promise<void> {
  for (const { pid, signal } of groups) endGroup(pid, signal);
  // Chromium keeps a socket in another temporary folder, which its profile links to.
  const socket = await readlink(join(folder, 'SingletonSocket')).catch(() => undefined);
  for (const each of socket === undefined ? [folder] : [dirname(socket), folder])
    await rm(each, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** @param pid of the group's first process */
export function endGroup(pid: number, signal: ProcessGroup['signal'] = 'SIGKILL'): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // None is left.
  }
}
