// What the terminal shows: the engine, a progress bar, tables and figures.
import { styleText } from 'node:util';
import cliProgress from 'cli-progress';
import Table from 'cli-table3';
import { className } from '../data/dataset.ts';
import type { EngineInfo, PassedOver } from '../engine/engine.ts';
import { printable, withoutSteering } from '../errors.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import { percent } from '../evaluation/percent.ts';
import { count, plural } from '../plural.ts';
import type { EpochReport, Progress } from '../training/events.ts';

export const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} s`;

/** Results go to standard output: a line, or a table of several. */
export function print(text: string): void {
  process.stdout.write(`${printableLines(text)}\n`);
}

export const verdict = (passed: boolean) => (passed ? 'pass' : 'FAIL');

/** A table with verdicts as its last column: in colour on a terminal that has them and is to show them. */
export function printVerdicts(text: string, terminal: NodeJS.WriteStream = process.stdout): void {
  const plain = printableLines(text);
  const coloured = (word: string) => inColour(word === verdict(true), word);
  terminal.write(`${showsColours(terminal) ? plain.replace(/(pass|FAIL)$/gm, coloured) : plain}\n`);
}

/** The verdict on all of them, in the same colours. */
export function printOutcome(
  passed: boolean,
  text: string,
  terminal: NodeJS.WriteStream = process.stdout,
): void {
  terminal.write(`${showsColours(terminal) ? inColour(passed, text) : text}\n`);
}

/** What the terminal knows of NO_COLOR, FORCE_COLOR and TERM. */
const showsColours = (terminal: NodeJS.WriteStream) => terminal.isTTY && terminal.hasColors();

/** Whether it may be shown has been asked before. */
const inColour = (passed: boolean, text: string) =>
  styleText(passed ? 'green' : 'red', text, { validateStream: false });

/** Everything but results goes to standard error, so that standard output can be piped. */
export function note(text: string): void {
  console.error(printableLines(text));
}

/** Files and browsers may have had a say in it. */
export function printableLines(text: string): string {
  return text.split('\n').map(withoutSteering).join('\n');
}

export function noteEngine(info: EngineInfo, passedOver: readonly PassedOver[]): void {
  const threads = info.backend === 'wasm' ? `, ${plural(info.threads, 'thread')}` : '';
  note(`engine: ${info.backend} (${info.adapter}${threads})`);
  for (const { what, why } of passedOver) note(`  not ${what}: ${why}`);
}

/** Room for a progress bar on standard error, with lines above it. @param format as cli-progress has it */
export function progressBars(format: string): cliProgress.MultiBar {
  return new cliProgress.MultiBar(
    {
      format,
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      stream: process.stderr,
    },
    cliProgress.Presets.shades_classic,
  );
}

/** A progress bar on a terminal with a line above it for each epoch; elsewhere only those lines. */
export class TrainingProgress {
  private readonly bars = progressBars(
    '{bar} epoch {epoch}/{epochs}  loss {loss}  accuracy {accuracy}  {speed} images/s  {left} left',
  );
  private bar: cliProgress.SingleBar | undefined;

  update(progress: Progress): void {
    if (!process.stderr.isTTY) return;
    const payload = {
      epoch: progress.epoch,
      epochs: progress.epochs,
      loss: progress.loss.toFixed(4),
      accuracy: percent(progress.accuracy, 1),
      speed: count(progress.imagesPerSecond),
      left: seconds(progress.secondsLeft),
    };
    this.bar ??= this.bars.create(progress.steps, 0, payload);
    this.bar.update(progress.step, payload);
  }

  epoch(report: EpochReport): void {
    const line =
      `epoch ${report.epoch}: loss ${report.trainLoss.toFixed(4)}, test loss ${report.testLoss.toFixed(4)}, ` +
      `test accuracy ${percent(report.testAccuracy)}, ${count(report.imagesPerSecond)} images/s`;
    if (this.bar) this.bars.log(`${line}\n`);
    else note(line);
  }

  stop(): void {
    this.bars.update();
    this.bars.stop();
  }
}

const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((part) => [part, '']),
);

/** Columns without lines between them; numbers are aligned right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const colAligns = head.map((_, column) =>
    rows.every((row) => /^[-+\d]/.test(String(row[column]))) ? ('right' as const) : ('left' as const),
  );
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 };
  const made = new Table({ head: [...head], colAligns, chars: NO_LINES, style });
  made.push(...rows.map((row) => row.map((cell) => printable(String(cell)))));
  return made.toString().replace(/ +$/gm, '');
}

/** "97.81 % (95 % interval 97.51 % to 98.08 %)" */
export function accuracyText({ accuracy, interval }: Evaluation): string {
  return `${percent(accuracy)} (95 % interval ${percent(interval.low)} to ${percent(interval.high)})`;
}

/** @param names of the classes, by label; left out where they are called by their numbers */
export function confusionTable(
  { confusion, perClass }: Evaluation,
  names: readonly string[] | undefined,
): string {
  const classes = confusion.map((_, label) => className(names, label));
  return table(
    ['true', ...classes, 'precision', 'recall', 'F1'],
    confusion.map((row, label) => {
      const { precision, recall, f1 } = perClass[label];
      return [classes[label], ...row, percent(precision, 1), percent(recall, 1), percent(f1, 1)];
    }),
  );
}
