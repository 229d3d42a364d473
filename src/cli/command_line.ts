// The command line's commands. Each is a file in commands/.
import { Command } from 'commander';
import { version } from '../../package.json';
import { benchCommand } from './commands/bench.ts';
import { dataCommand } from './commands/data.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { predictCommand } from './commands/predict.ts';
import { sweepCommand } from './commands/sweep.ts';
import { trainCommand } from './commands/train.ts';
import { validateCommand } from './commands/validate.ts';

export function commandLine(): Command {
  const program = new Command('mnist-kernels')
    .version(version, '-V, --version')
    .description(
      'Trains, evaluates and runs dense networks on MNIST with hand-written WGSL and WASM kernels.',
    )
    .addCommand(trainCommand())
    .addCommand(sweepCommand())
    .addCommand(evaluateCommand())
    .addCommand(predictCommand())
    .addCommand(validateCommand())
    .addCommand(benchCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(dataCommand());

  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .showSuggestionAfterError(true);
  }
  return program;
}
