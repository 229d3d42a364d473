// Runs the built command line as a process of its own, as a user does.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { packageRoot } from '../../src/hosts/package_root.ts';

export interface Ended {
  /** null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param onError called with all of standard error so far, whenever more arrives */
export function runCli(
  options: readonly string[],
  onError?: (stderr: string, child: ChildProcess) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [join(packageRoot(), 'dist/cli.js'), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    onError?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs and expects success. */
export async function runWell(...options: string[]): Promise<Ended> {
  const ended = await runCli(options);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return ended;
}

/** Runs and expects the exit code of bad input. @returns the one line that says what was wrong */
export async function refusal(...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(options);
  const lines = stderr.trimEnd().split('\n');
  // Before a run fails it may have named its network and its engine.
  const errors = lines.filter((line) => !/^\S+, recipe \w+, seed |^engine: |^ {2}not /.test(line));
  expect({ code, stdout, errors }).toMatchObject({ code: 2, stdout: '', errors: [expect.any(String)] });
  expect(lines.at(-1)).toBe(errors[0]);
  return errors[0];
}
