// The options of a run in a Selenium Grid.
import { type Command, InvalidArgumentError } from 'commander';
import { InputError } from '../../errors.ts';
import { BROWSERS, type BrowserName } from '../../hosts/find_browser.ts';
import { toNumber } from '../options.ts';

export interface GridOptions {
  readonly grid?: string;
  readonly address?: string;
  readonly port?: number;
  readonly journal?: string;
  readonly patience?: number;
  readonly models?: string;
}

/** Seconds; an epoch of a large network takes a while on a phone. */
export const PATIENCE = 300;

/** `--grid`, `--journal`, `--patience`. */
export function addGridOptions(command: Command): Command {
  return command
    .option('--grid <url>', 'in the browsers of a Selenium Grid: http://HOST:4444')
    .option(
      '--journal <file>',
      'of --grid: what is done, so that the same command goes on (default: named after the run)',
    )
    .option(
      '--patience <seconds>',
      `of --grid: a browser that says nothing for so long hangs (default: ${PATIENCE})`,
      toNumber,
    );
}

/** `--address`, `--port`: where the page is. */
export function addAddressOptions(command: Command): Command {
  return command
    .option('--address <url>', 'of --grid: where the browsers find the page (default: on this machine)')
    .option('--port <number>', 'serve the page from here for --address, at this port', toNumber);
}

/** `1..20` or `1,2,5..9` */
export function toSeeds(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,10})(?:\.\.(\d{1,10}))?$/.exec(part.trim()) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (first === undefined || count < 1 || count > MAX_SEEDS)
      throw new InvalidArgumentError('Expected seeds as in 1..20 or 1,2,5..9.');
    return Array.from({ length: count }, (_, n) => Number(first) + n);
  });
  return [...new Set(seeds)];
}

const MAX_SEEDS = 100_000;

/**
 * The browser that `--runtime` asks for by name; left out, all that the Grid has.
 * @throws InputError if it is none
 */
export function chosenBrowser(command: Command): BrowserName | undefined {
  if (command.getOptionValueSource('runtime') !== 'cli') return undefined;
  const runtime: string = command.opts().runtime;
  const found = BROWSERS.find((name) => name === runtime);
  if (!found)
    throw new InputError(`--runtime ${runtime}: a Selenium Grid has browsers, ${BROWSERS.join(', ')}`);
  return found;
}

/** @throws InputError if an option of a Grid is given without one */
export function refuseWithoutGrid(
  options: GridOptions,
  more: { readonly [name: string]: unknown } = {},
): void {
  const { journal, patience, models } = options;
  const all = Object.entries({ journal, patience, models, ...more });
  const given = all.find(([, value]) => value !== undefined);
  if (given)
    throw new InputError(`--${given[0]} is of a run in a Selenium Grid: say where with --grid <url>`);
}
