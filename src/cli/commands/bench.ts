// `bench`: this project's engines against each other and against peers, in turns on the same work.
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { checkBenchJob } from '../../bench/check_job.ts';
import {
  BENCH_BACKENDS,
  type BenchBackend,
  defaultPeers,
  PEER_NAMES,
  type PeerName,
  peersNamed,
  SUITES,
  type Suite,
} from '../../bench/options.ts';
import { findingsOf } from '../../bench/rendering/findings.ts';
import { markdownOf, tablesOf, titleOf, toMarkdown } from '../../bench/rendering/report_tables.ts';
import { merge, toCsv } from '../../bench/rendering/side_by_side.ts';
import { readBytes } from '../../data/file_node.ts';
import { InputError } from '../../errors.ts';
import { parseReports } from '../../fleet/read_reports.ts';
import { BROWSERS } from '../../hosts/find_browser.ts';
import type { JobEvent } from '../../jobs/run.ts';
import { examples } from '../examples.ts';
import { putOutFleet } from '../grid/fleet_output.ts';
import { addGridOptions, chosenBrowser, type GridOptions, refuseWithoutGrid } from '../grid/grid_options.ts';
import { jsonText, type RunOptions, runWhereAsked, toNumber } from '../options.ts';
import { note, print, table } from '../output.ts';
import { type OutputFile, withOutputs } from '../output_file.ts';
import { readShaders, type ShaderFile, toShaderFile } from '../shader_files.ts';

interface Options extends Omit<RunOptions, 'backend' | 'data'>, GridOptions {
  readonly backend: BenchBackend;
  readonly suite: readonly Suite[];
  readonly layers: readonly string[];
  readonly batch: readonly number[];
  readonly seconds: number;
  readonly seeds?: number;
  readonly threads?: number;
  readonly allVariants?: boolean;
  readonly autotune?: boolean;
  /** false: none; left out: the default. */
  readonly peers?: readonly PeerName[] | boolean;
  readonly markdown?: string;
  readonly csv?: string;
  readonly html?: string;
  readonly merge?: readonly string[];
  readonly shader?: readonly ShaderFile[];
}

/** Bytes that a result may have: thousands of cases. */
const MAX_RESULT_BYTES = 64_000_000;

export function benchCommand(): Command {
  const command = new Command('bench')
    .description('Time the engines against peers, in turns, with every answer checked.')
    .addOption(
      new Option('--runtime <name>', 'where it runs').choices(['node', ...BROWSERS]).default('chromium'),
    )
    .addOption(new Option('--backend <name>', 'ours').choices(BENCH_BACKENDS).default('wasm'))
    .option('--suite <names>', SUITES.join(', '), toSuites, ['step', 'inference'])
    .option(
      '--shader <name=file>',
      'own WGSL against shaders/NAME.wgsl: webgpu, suite kernels; may be given several times',
      toShaderFile,
    )
    .option('--layers <networks>', 'joined by commas', (text) => text.split(','), [
      '784-128-10',
      '784-512-512-10',
    ])
    .option('--batch <numbers>', 'joined by commas', (text) => text.split(',').map(toNumber), [128])
    .option('--seconds <number>', 'for each case', toNumber, 10)
    .option('--seeds <number>', 'of time to accuracy (default: 5)', toNumber)
    .option('--threads <number>', 'of our WASM engine at most (default: one for each processor)', toNumber)
    .option('--all-variants', 'also builds and modes of ours that are not the fastest or most exact')
    .option('--autotune', 'WebGPU: time the variants of each product first, and remember the fastest')
    .option(
      '--peers <names>',
      `joined by commas: all, a library such as jax-js, or of ${PEER_NAMES.join(', ')} (default: the fastest)`,
      toPeers,
    )
    .option('--no-peers', 'only our own engines')
    .option(
      '--connect <url>',
      'a browser elsewhere: ws://… (WebDriver BiDi) or http://… (Selenium Grid, a driver)',
    )
    .option('--address <url>', 'where browsers find this machine, or with --grid the page on any host')
    .option('--port <number>', 'that is listened on for --address', toNumber)
    .option('--json <file>', 'write the result as JSON')
    .option('--markdown <file>', 'write the tables as Markdown')
    .option('--csv <file>', 'write a row for each comparison as CSV')
    .option('--html <file>', 'of --grid: write the report as a web page')
    .option('--merge <files...>', 'run nothing; put results of several machines side by side');
  return addGridOptions(command)
    .addHelpText(
      'after',
      examples(
        'bench --suite step,inference --peers jax-js,tfjs-wasm --json bench.json',
        'bench --merge laptop.json phone.json --markdown both.md',
      ),
    )
    .action(benchAndReport);
}

function toPeers(text: string): PeerName[] {
  const found = peersNamed(text.split(','));
  if (!found)
    throw new InvalidArgumentError(
      `Expected all, a library such as jax-js, or one of: ${PEER_NAMES.join(', ')}.`,
    );
  return found;
}

function toSuites(text: string): Suite[] {
  return text.split(',').map((name) => {
    const found = SUITES.find((each) => each === name);
    if (!found) throw new InvalidArgumentError(`Expected ${SUITES.join(', ')}.`);
    return found;
  });
}

/** Of own shaders nothing but kernels on WebGPU can be asked for: it need not be said. */
function forShaders(options: Options, command: Command): Options {
  if (!options.shader) return options;
  const isDefault = (name: string) => command.getOptionValueSource(name) === 'default';
  return {
    ...options,
    ...(isDefault('backend') && { backend: 'webgpu' as const }),
    ...(isDefault('suite') && { suite: ['kernels'] as const }),
  };
}

async function benchAndReport(given: Options, command: Command): Promise<void> {
  const options = forShaders(given, command);
  const { json, markdown, csv, html, grid } = options;
  if (options.merge) {
    const { merge: files } = options;
    return withOutputs([markdown], ([output]) => printMerged(files, output));
  }
  const { backend, autotune, suite: suites, layers: networks, batch: batches, ...rest } = options;
  const { seconds, seeds, threads, allVariants } = rest;
  const wanted = options.peers ?? true;
  const peers = typeof wanted === 'boolean' ? (wanted ? defaultPeers(backend) : []) : wanted;
  const ours = { backend, autotune, threads, allVariants };
  const shaders = await readShaders(options.shader);
  const what = { suites, networks, batches, seconds, seeds, peers, shaders };
  const job = { kind: 'bench', ...ours, ...what } as const;
  checkBenchJob(job);
  if (grid !== undefined) {
    if (options.connect !== undefined) throw new InputError('--grid and --connect: expected one of them');
    const { kind: _, ...benchmark } = job;
    const { benchOverGrid } = await import('../grid/bench_fleet.ts');
    return withOutputs([json, html, markdown, csv], async ([asJson, asHtml, asMarkdown, asCsv]) => {
      const ended = await benchOverGrid(benchmark, options, chosenBrowser(command));
      await putOutFleet(ended, { json: asJson, html: asHtml, markdown: asMarkdown, csv: asCsv });
    });
  }
  refuseWithoutGrid(options, { html });
  const onEvent = (event: JobEvent) => {
    if (event.kind === 'benching') note(`${event.done + 1}/${event.total} ${event.what}`);
  };
  await withOutputs([json, markdown, csv], async ([asJson, asMarkdown, asCsv]) => {
    const report = await runWhereAsked(job, options, { onEvent });
    await asJson?.write(jsonText(report));
    await asMarkdown?.write(toMarkdown(report));
    await asCsv?.write(toCsv(report));
    print(titleOf(report));
    for (const { lead, details } of findingsOf(report)) print(`${lead}.\n  ${details.join('\n  ')}`);
    for (const { head, rows } of tablesOf(report)) print(table(head, rows));
    for (const line of report.notes) print(line);
  });
}

async function printMerged(files: readonly string[], out: OutputFile | undefined): Promise<void> {
  const read = await Promise.all(
    files.map(async (file) =>
      parseReports(new TextDecoder().decode(await readBytes(file, MAX_RESULT_BYTES)), file),
    ),
  );
  const reports = read.flat();
  const names = reports.map(({ name }) => (files.includes(name) ? basename(name, '.json') : name));
  const merged = merge(
    reports.map(({ report }) => report),
    names,
  );
  await out?.write(markdownOf([merged]));
  print(table(merged.head, merged.rows));
}
