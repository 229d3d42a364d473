// The page that runs a fleet's jobs: on any host that has it, or served from here while the jobs run.
import { randomBytes } from 'node:crypto';
import { InputError } from '../../errors.ts';
import { packageRoot } from '../../hosts/package_root.ts';
import type { RemoteDataset } from '../../jobs/remote.ts';
import { type BrowserDataset, dataFolder, RUNNER, reachable } from '../browser/run_in_browser.ts';
import { builtPage, serveStatic } from '../browser/server.ts';

export interface FleetPage {
  /** What sessions open. */
  readonly url: string;
  readonly dataset: RemoteDataset;
  close(): Promise<void>;
}

export interface FleetPageOptions {
  /** Where browsers find the page. Left out, they are on this machine, and it is served to them. */
  readonly address?: string;
  /** The page is served from here, on all addresses at this port. */
  readonly port?: number;
  readonly dataset: BrowserDataset;
}

/** @throws InputError if the address is none, or the data set cannot get to a page of another host */
export async function openFleetPage({ address, port, dataset }: FleetPageOptions): Promise<FleetPage> {
  const { kind, transpose, classNames } = dataset;
  const reading = { transpose, classNames };
  if (port !== undefined && address === undefined)
    throw new InputError('--port is of --address: say where the browsers find this machine');
  const { names, ...where } = reachable({ address, port });
  if (address !== undefined && port === undefined) {
    if (kind === 'folder')
      throw new InputError(
        `--data: the page at ${address} has MNIST alone; with --port it is served from here, with any data set`,
      );
    return { url: pageAt(address), dataset: { kind: 'mnist', ...reading }, close: async () => {} };
  }
  const token = randomBytes(16).toString('hex');
  const folder = kind === 'folder' ? await dataFolder(dataset.dir) : undefined;
  const server = await serveStatic(builtPage(packageRoot()), {
    ...where,
    names,
    routes: folder?.routes(token),
  });
  return {
    url: pageAt(address ?? server.url),
    dataset: { ...(folder?.dataset(token) ?? { kind: 'mnist' }), ...reading },
    close: () => server.close(),
  };
}

const pageAt = (address: string) => new URL(RUNNER, address.endsWith('/') ? address : `${address}/`).href;
