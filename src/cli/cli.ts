#!/usr/bin/env node
// The command line's process: errors are one line, exit code 2 for bad input, 1 for failure.
import { CommanderError } from 'commander';
import { firstLineOf, InputError, printable } from '../errors.ts';
import { commandLine } from './command_line.ts';

let told = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read it has seen enough.
  if (error.code === 'EPIPE' || told) return;
  told = true;
  console.error(`cannot write the result: ${error.message}`);
  process.exitCode ||= 1;
});

try {
  await commandLine().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** @returns the exit code */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version end with code 0 and have been printed.
    if (error.exitCode === 0 || error.code === 'commander.help') return error.exitCode === 0 ? 0 : 2;
    console.error(printable(error.message.replace(/^error: /, '').replaceAll('\n', ' ')));
    return 2;
  }
  console.error(printable(firstLineOf(error)));
  return error instanceof InputError ? 2 : 1;
}
