// `bench`: this project's engines against each other and against peers, in turns on the same work.
import { Command, InvalidArgumentError, Option } from 'commander';
import type { BenchBackend, BenchReport, Suite } from '../../../bench/bench.ts';
import { BROWSERS } from '../browser/find.ts';
import { checkWritable, type RunOptions, runWhereAsked, toNumber, write, writeJson } from '../options.ts';
import { note, percent, table } from '../output.ts';

const SUITES: readonly Suite[] = ['step', 'inference'];
const BACKENDS: readonly BenchBackend[] = ['wasm', 'webgpu'];

interface Options extends Omit<RunOptions, 'backend' | 'data'> {
  readonly backend: BenchBackend;
  readonly suite: readonly Suite[];
  readonly layers: readonly string[];
  readonly batch: readonly number[];
  readonly seconds: number;
  readonly peers: boolean;
  readonly markdown?: string;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('Time the engines against peers, in turns, with every answer checked.')
    .addOption(
      new Option('--runtime <name>', 'where it runs').choices(['node', ...BROWSERS]).default('chromium'),
    )
    .addOption(new Option('--backend <name>', 'ours').choices(BACKENDS).default('wasm'))
    .option('--suite <names>', SUITES.join(', '), toSuites, ['step'])
    .option('--layers <networks>', 'joined by commas', (text) => text.split(','), [
      '784-128-10',
      '784-512-512-10',
    ])
    .option('--batch <numbers>', 'joined by commas', (text) => text.split(',').map(toNumber), [128])
    .option('--seconds <number>', 'for each case', toNumber, 10)
    .option('--no-peers', 'only our own engines')
    .option('--json <file>', 'write the result as JSON')
    .option('--markdown <file>', 'write the tables as Markdown')
    .action(benchAndReport);
}

function toSuites(text: string): Suite[] {
  return text.split(',').map((name) => {
    const suite = SUITES.find((each) => each === name);
    if (!suite) throw new InvalidArgumentError(`Expected ${SUITES.join(' or ')}.`);
    return suite;
  });
}

async function benchAndReport(options: Options): Promise<void> {
  await checkWritable(options.json, options.markdown);
  const { backend, suite: suites, layers: networks, batch: batches, seconds, peers } = options;
  const job = { kind: 'bench', backend, suites, networks, batches, seconds, peers } as const;
  const report = await runWhereAsked(job, options, {
    onEvent: (event) => {
      if (event.kind === 'benching') note(event.what);
    },
  });
  await writeJson(options.json, report);
  if (options.markdown !== undefined) await write(options.markdown, toMarkdown(report));
  const { gflops } = report.roofline;
  console.log(`${report.environment.runtime}, roofline ${gflops.toFixed(1)} GFLOP/s a thread`);
  console.log(table(HEAD, rowsOf(report)));
}

const HEAD = ['suite', 'case', 'batch', 'ms', 'GFLOP/s', 'of roofline', 'against', 'ms', 'ratio', '95 %'];

function rowsOf({ cases }: BenchReport): (string | number)[][] {
  return cases.flatMap(({ suite, name, batch, subject, peers }) =>
    peers.map((peer, index) => {
      const own = [suite, name, batch, subject.milliseconds.median.toFixed(3), subject.gflops.toFixed(1)];
      const left = index === 0 ? [...own, percent(subject.rooflineFraction, 0)] : ['', '', '', '', '', ''];
      const { ratio, milliseconds, error } = peer;
      if (!ratio || !milliseconds) return [...left, peer.name, '', error ?? '', ''];
      const interval = `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`;
      return [...left, peer.name, milliseconds.median.toFixed(3), `${ratio.median.toFixed(2)}×`, interval];
    }),
  );
}

function toMarkdown(report: BenchReport): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    `${report.environment.runtime}, roofline ${report.roofline.gflops.toFixed(1)} GFLOP/s a thread.`,
    '',
    line(HEAD),
    line(HEAD.map(() => '---')),
    ...rowsOf(report).map(line),
    '',
  ].join('\n');
}
