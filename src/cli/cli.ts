#!/usr/bin/env node
// The command line. Each command is a file in commands/; errors are one line, exit code 2 for bad input, 1
// for failure.
import { Command, CommanderError } from 'commander';
import { firstLineOf, InputError, printable } from '../errors.ts';
import { benchCommand } from './commands/bench.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { predictCommand } from './commands/predict.ts';
import { trainCommand } from './commands/train.ts';
import { validateCommand } from './commands/validate.ts';

const program = new Command('mnist-kernels')
  .description('Trains, evaluates and runs dense networks on MNIST with hand-written WGSL and WASM kernels.')
  .addCommand(trainCommand())
  .addCommand(evaluateCommand())
  .addCommand(predictCommand())
  .addCommand(validateCommand())
  .addCommand(benchCommand())
  .addCommand(exportCommand())
  .addCommand(importCommand());

for (const command of [program, ...program.commands]) {
  command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError(true);
}

let told = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read it has seen enough.
  if (error.code === 'EPIPE' || told) return;
  told = true;
  console.error(`cannot write the result: ${error.message}`);
  process.exitCode ||= 1;
});

try {
  await program.parseAsync();
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
