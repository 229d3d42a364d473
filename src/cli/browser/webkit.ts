// Starts WebKitGTK's MiniBrowser, through its WebDriver server, on a display that nobody sees.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import { findBrowser, findXvfb } from '../../hosts/find_browser.ts';
import { type Guard, startGuard } from './guard.ts';
import type { Capabilities } from './webdriver.ts';

export interface WebKitOptions {
  /** No window; true if left out. */
  readonly headless?: boolean;
  /**
   * With shared memory and relaxed SIMD, which WebKitGTK keeps behind switches; false if left out, as it is
   * for those who browse with it.
   */
  readonly sharedMemory?: boolean;
}

export interface WebKitDriver {
  /** The WebDriver server's address, without a slash at its end. */
  readonly url: string;
  /** What a new session is asked for. */
  readonly capabilities: Capabilities;
  /** Settles when the server or the display has ended. */
  readonly ended: Promise<void>;
  /** Ends server, browser and display, and removes their temporary folder. */
  close(): Promise<void>;
}

const SWITCHES = { JSC_useSharedArrayBuffer: '1', JSC_useWasmRelaxedSIMD: '1' };

const START_SECONDS = 20;

/**
 * A WebDriver server that starts WebKit for each session, one at a time. All it keeps is in a temporary
 * folder; neither outlives this process.
 * @throws InputError if the driver or Xvfb is not installed; Error in one line if it does not start
 */
export async function startWebKitDriver({
  headless = true,
  sharedMemory = false,
}: WebKitOptions = {}): Promise<WebKitDriver> {
  const executable = findBrowser('webkit');
  const xvfb = headless || !process.env.DISPLAY ? findXvfb() : undefined;
  const guard = await startGuard();
  try {
    const display = xvfb === undefined ? undefined : await startDisplay(xvfb, guard);
    const port = await freePort();
    const driver = await start(guard, executable, [`--port=${port}`], {
      env: {
        ...process.env,
        ...surroundings(guard.folder),
        ...(display && { DISPLAY: display.name, GDK_BACKEND: 'x11' }),
        ...(sharedMemory && SWITCHES),
      },
      stdio: 'ignore',
    });
    const url = `http://127.0.0.1:${port}`;
    await whenReady(url, driver);
    const ended = Promise.race([driver, ...(display ? [display.server] : [])].map(whenEnded));
    return { url, capabilities: { browserName: 'MiniBrowser' }, ended, close: () => guard.clear() };
  } catch (error) {
    await guard.clear();
    throw new Error(`cannot start ${executable}: ${messageOf(error)}`);
  }
}

/** Keeps files out of the user's folders, and the browser from starting programs that would stay. */
function surroundings(folder: string): NodeJS.ProcessEnv {
  const folders = ['TMPDIR', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR'];
  return {
    ...Object.fromEntries(folders.map((name) => [name, folder])),
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    NO_AT_BRIDGE: '1',
    GSETTINGS_BACKEND: 'memory',
  };
}

async function startDisplay(xvfb: string, guard: Guard): Promise<{ name: string; server: ChildProcess }> {
  // It takes the first number that is free and writes it to file descriptor 3.
  const server = await start(
    guard,
    xvfb,
    ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp', '-noreset'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    'SIGTERM', // it removes its lock and its socket
  );
  const number = await Promise.race([
    once(server.stdio[3] as Readable, 'data').then(String),
    whenEnded(server).then(() => Promise.reject(new Error(`${xvfb} ended at once`))),
  ]);
  return { name: `:${number.trim()}`, server };
}

/** Starts a program as a group of its own, which the guard ends. */
async function start(
  guard: Guard,
  executable: string,
  options: readonly string[],
  how: SpawnOptions,
  signal?: 'SIGTERM',
): Promise<ChildProcess> {
  const child = spawn(executable, options, { ...how, detached: true });
  await once(child, 'spawn');
  guard.add(child.pid!, signal);
  return child;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function whenEnded(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit');
}

/** A port that nothing listens on: the driver does not tell of one that it chooses itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function whenReady(url: string, driver: ChildProcess): Promise<void> {
  const deadline = performance.now() + 1000 * START_SECONDS;
  for (;;) {
    const response = await fetch(`${url}/status`).catch(() => undefined);
    if (response?.ok) return;
    if (hasEnded(driver)) throw new Error('it ended at once');
    if (performance.now() > deadline) throw new Error(`it does not answer within ${START_SECONDS} seconds`);
    await sleep(50);
  }
}
