// `npm start`: serves the built page on this machine and, on a desktop, opens it in the default browser.
import { Command } from 'commander';
import open from 'open';
import { InputError, messageOf } from '../errors.ts';
import { packageRoot } from '../hosts/package_root.ts';
import { builtPage, serveStatic } from './browser/server.ts';

const DEFAULT_PORT = 8080;
const NEXT_PORTS = 20;

async function main(): Promise<void> {
  const command = new Command('mnist-kernels-serve')
    .description('Serves the built page on this machine.')
    .option(
      '--port <number>',
      `port to listen on (default: $PORT, or the first free one from ${DEFAULT_PORT})`,
    )
    .option('--no-open', 'do not open a browser')
    .parse();
  const { port, open: mayOpen } = command.opts<{ port?: string; open: boolean }>();
  const asked = port ?? process.env.PORT;
  const server = await serveStatic(
    builtPage(packageRoot()),
    asked ? { port: parsePort(asked) } : { port: DEFAULT_PORT, nextPorts: NEXT_PORTS },
  );
  console.log(`mnist-kernels is at ${server.url} (Ctrl-C ends it)`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
  if (mayOpen && isDesktop()) {
    await open(server.url).catch((error: unknown) => console.error(`open it yourself: ${messageOf(error)}`));
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new InputError(`port ${text}: expected a whole number from 0 (any free one) to 65535`);
  }
  return port;
}

function isDesktop(): boolean {
  const { CI, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (CI || !process.stdout.isTTY) return false;
  return process.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY);
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = error instanceof InputError ? 2 : 1;
});
