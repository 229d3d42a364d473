// The processes of this machine, as the system lists them.
import { spawnSync } from 'node:child_process';

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All that run; one that has ended but whose parent has not asked how is left out. */
function processes(): RunningProcess[] {
  const { pid: own, stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([pid, , state]) => Number(pid) !== own && !state.startsWith('Z'))
    .map(([pid, parent, , ...words]) => ({
      pid: Number(pid),
      parent: Number(parent),
      command: words.join(' '),
    }));
}

export function childrenOf(pid: number): RunningProcess[] {
  return processes().filter(({ parent }) => parent === pid);
}

/** The processes that it has started, those that these have started, and so on. */
export function descendantsOf(pid: number): RunningProcess[] {
  const all = processes();
  const found: RunningProcess[] = [];
  let parents = [pid];
  while (parents.length > 0) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

/** Those of the processes that still run, or whose number another one has by now. */
export function runningOf(pids: readonly number[]): RunningProcess[] {
  return processes().filter(({ pid }) => pids.includes(pid));
}
