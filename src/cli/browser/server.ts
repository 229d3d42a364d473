// Serves the built page on this machine, cross-origin isolated so that threads can share memory.
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import sirv from 'sirv';
import { InputError, messageOf } from '../../errors.ts';
import { shippedFiles } from '../shipped_files.ts';

/** Answers one request; what it throws becomes a 500. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface ServeOptions {
  /** Left out, or 0, any free one. */
  readonly port?: number;
  /** Ports after `port` that are tried while one is taken. */
  readonly nextPorts?: number;
  /** Left out, this machine only. */
  readonly host?: string;
  /** Names that browsers may call this machine by, besides its IP addresses and `localhost`. */
  readonly names?: readonly string[];
  /** Sends COOP and COEP; true if left out. */
  readonly isolated?: boolean;
  /** By method and path: "GET /job". */
  readonly routes?: { readonly [methodAndPath: string]: Route };
}

export interface StaticServer {
  /** Ends with a slash. */
  readonly url: string;
  close(): Promise<void>;
}

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** @param more sources of scripts, and of what they load: `blob:` for those that put their own together */
const contentPolicy = (...more: string[]) =>
  [
    "default-src 'self'",
    ['script-src', "'self'", "'wasm-unsafe-eval'", ...more].join(' '),
    "style-src 'self'",
    "img-src 'self' data: blob:",
    ['connect-src', "'self'", ...more].join(' '),
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const SECURITY = {
  'Content-Security-Policy': contentPolicy(),
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Serves a folder as it is at this moment.
 * @param root a folder with an HTML page, such as dist/web
 * @throws InputError if there is no such folder, or the port is taken
 */
export async function serveStatic(root: string, options: ServeOptions = {}): Promise<StaticServer> {
  const { port = 0, nextPorts = 0, host = '127.0.0.1', isolated = true, routes = {}, names = [] } = options;
  if (!existsSync(root)) throw new InputError(`no built page in ${root}: run npm run build first`);
  const files = serveFiles(root, serveShipped(root));
  const server = createServer((request, response) => {
    response.setHeaders(new Map(Object.entries(isolated ? { ...SECURITY, ...ISOLATION } : SECURITY)));
    if (!isAddressed(request, names)) {
      response.writeHead(421, { 'Content-Type': 'text/plain' }).end('This server has another name.');
      return;
    }
    const route = routes[`${request.method} ${request.url?.split('?')[0]}`];
    if (route) void answer(route, request, response);
    else if (request.method === 'GET' || request.method === 'HEAD') files(request, response);
    else response.writeHead(405, { Allow: 'GET, HEAD' }).end();
  });
  await listen(server, port, host, nextPorts);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Whether a request is meant for this machine. A name that somebody else's DNS points here (DNS rebinding)
 * would make their page one of this server's.
 */
function isAddressed({ headers }: IncomingMessage, names: readonly string[]): boolean {
  const address = `http://${headers.host}`;
  if (!URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  return isIP(hostname.replace(/^\[|\]$/g, '')) > 0 || ['localhost', ...names].includes(hostname);
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What the built page lacks where it comes from an installed package: files of other packages. */
function serveShipped(root: string): Handler {
  const lacking = shippedFiles().filter(({ path }) => !existsSync(join(root, path)));
  const shipped = new Map(lacking.map((each) => [`/${each.path}`, each]));
  return ({ url = '' }, response) => {
    const found = shipped.get(url.split('?')[0]);
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    // A browser takes a module, and compiles WASM while it loads, by their types.
    response.setHeader('Content-Type', typeOf(found.path));
    const file = createReadStream(found.file).once('error', () => response.destroy());
    if (found.gzip) file.pipe(createGzip({ level: 1 })).pipe(response);
    else file.pipe(response);
  };
}

function typeOf(path: string): string {
  const types: { readonly [extension: string]: string } = {
    '.gz': 'application/gzip',
    '.mjs': 'text/javascript',
    '.wasm': 'application/wasm',
  };
  return types[extname(path)] ?? 'application/octet-stream';
}

function serveFiles(root: string, otherwise: Handler): Handler {
  const serve = sirv(root, {
    etag: true,
    onNoMatch: otherwise,
    setHeaders(response, path) {
      const hashed = path.startsWith('/assets/');
      response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      // Peers of the benchmark start threads from scripts that they put together.
      if (path.startsWith('/assets/peer_worker'))
        response.setHeader('Content-Security-Policy', contentPolicy('blob:'));
      if (path.endsWith('.gz')) {
        response.setHeader('Content-Type', 'application/gzip');
        // No value, no header: the page unpacks the data itself, as it does wherever else it is hosted.
        response.setHeader('Content-Encoding', []);
      }
    },
  });
  return (request, response) => {
    const range = rangeOf(request);
    if (range === 'backwards') {
      response.writeHead(416).end();
      return;
    }
    // RFC 9110, section 14.2: what is not understood is passed over.
    if (!range) delete request.headers.range;
    // A file that is gone since, or cannot be read.
    response.once('pipe', (file: Readable) => file.once('error', () => response.destroy()));
    serve(request, response);
  };
}

/** sirv would read backwards, or to an end that is no whole number, and take this process along. */
function rangeOf({ headers }: IncomingMessage): 'range' | 'backwards' | undefined {
  const asked = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(headers.range ?? '');
  if (!asked) return undefined;
  const [, first, last] = asked;
  return last !== '' && Number(last) < Number(first) ? 'backwards' : 'range';
}

async function answer(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Cache-Control', 'no-store');
  try {
    await route(request, response);
  } catch (error) {
    if (!response.headersSent) response.statusCode = 500;
    if (!response.writableEnded) response.end(messageOf(error));
  }
}

async function listen(server: Server, port: number, host: string, nextPorts: number): Promise<void> {
  for (let tried = port; ; tried++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(tried, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE')
        throw new InputError(`cannot listen on ${host}:${tried}: ${messageOf(error)}`);
      if (tried >= port + nextPorts) {
        const range = nextPorts > 0 ? `ports ${port} to ${tried} are` : `port ${tried} is`;
        throw new InputError(`${range} taken: choose another with --port`);
      }
    }
  }
}

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Where `npm run build` puts the page. */
export function builtPage(packageRoot: string): string {
  return join(packageRoot, 'dist', 'web');
}
