// `validate`: every kernel and two trainings on every engine, against the float64 oracle.

import { Command } from 'commander';
import { percent } from '../../evaluation/percent.ts';
import type { ValidateReport } from '../../jobs/job.ts';
import type { JobEvent } from '../../jobs/run.ts';
import { KERNEL_NAMES, type KernelName } from '../../network/kernels.ts';
import type { KernelResult } from '../../validation/check_kernel.ts';
import { examples } from '../examples.ts';
import {
  abortOnInterrupt,
  addRunOptions,
  INTERRUPTED,
  jsonText,
  type RunOptions,
  runWhereAsked,
} from '../options.ts';
import { note, print, printOutcome, printVerdicts, table, verdict } from '../output.ts';
import { withOutputs } from '../output_file.ts';
import { readShaders, type ShaderFile, toShaderFile } from '../shader_files.ts';

export function validateCommand(): Command {
  return addRunOptions(
    new Command('validate').description('Hold every kernel and a training against float64 and tfjs-wasm.'),
  )
    .option('--quick', 'each kernel on its largest shape alone, and no trainings')
    .option(
      '--shader <name=file>',
      'WebGPU: own WGSL in place of shaders/NAME.wgsl, and only what runs it; may be given several times',
      toShaderFile,
    )
    .addHelpText('after', examples('validate --quick', 'validate --runtime firefox --json validate.json'))
    .action(validateAndReport);
}

interface Options extends RunOptions {
  readonly quick?: boolean;
  readonly shader?: readonly ShaderFile[];
}

async function validateAndReport({ quick, shader, ...options }: Options): Promise<void> {
  const signal = abortOnInterrupt();
  const onEvent = (event: JobEvent) => {
    if (event.kind === 'validating') note(event.what);
  };
  const shaders = await readShaders(shader);
  const job = { kind: 'validate', backend: options.backend, quick, shaders } as const;
  await withOutputs([options.json], async ([json]) => {
    const report = await runWhereAsked(job, options, { onEvent, signal });
    await json?.write(jsonText(report));
    printReport(report);
    if (!report.pass) process.exitCode = report.stopped ? INTERRUPTED : 1;
  });
}

/** Of a kernel's results: those of `distort` are pixels as they are stored, the others' have none. */
const unitOf = (kernel: KernelName) => (kernel === 'distort' ? ' grey levels' : '');

function printReport({ kernels, trajectories, passedOver, stopped }: ValidateReport): void {
  const backends = [...new Set(kernels.map(({ backend }) => backend))];
  const groups = backends
    .flatMap((name) =>
      KERNEL_NAMES.map((stem) =>
        kernels.filter(({ backend, kernel }) => backend === name && kernel === stem),
      ),
    )
    .filter((results) => results.length > 0);
  const scientific = (value: number) => value.toExponential(1);
  printVerdicts(
    table(
      ['backend', 'kernel', 'shapes', 'largest error', 'share of its bound', 'at', ''],
      groups.map((results) => {
        const worst = results.reduce((a, b): KernelResult => (b.share > a.share ? b : a));
        const largest = Math.max(...results.map(({ maxAbsError }) => maxAbsError));
        const passed = results.every((result) => result.pass);
        const { backend, kernel, share, shape } = worst;
        return [
          backend,
          kernel,
          results.length,
          `${scientific(largest)}${unitOf(kernel)}`,
          percent(share, 0),
          shape,
          verdict(passed),
        ];
      }),
    ),
  );
  if (trajectories.length > 0)
    printVerdicts(
      table(
        ['backend', '200 steps of', 'loss differs by', 'bound', 'parameters differ by', 'bound', ''],
        trajectories.map((t) => [
          t.backend,
          t.network,
          scientific(t.maxLossDifference),
          scientific(t.lossBound),
          scientific(t.maxParameterDifference),
          scientific(t.parameterBound),
          verdict(t.pass),
        ]),
      ),
    );
  for (const { what, why } of passedOver) print(`${what} did not run: ${why}`);
  const failed = [...kernels, ...trajectories].some((result) => !result.pass);
  if (failed) printOutcome(false, stopped ? 'FAILED, and stopped before the end' : 'FAILED');
  else if (stopped) print('stopped before the end: no verdict');
  else printOutcome(true, 'all within their bounds');
}
