// Node, or Deno, as the host of engines. In Node WebGPU comes from the package `webgpu` (Dawn over Vulkan,
// Metal or Direct3D).

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, homedir, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Host, Thread, TuningCache } from '../engine/host.ts';
import { missingPackage } from '../engine/missing_package.ts';
import { firstLineOf, messageOf } from '../errors.ts';
import { Failure } from '../failure.ts';
import { packageRoot } from './package_root.ts';
import { lacksGpu, restWhilePolling, SOFTWARE_DAWN_FLAG, swiftShader } from './software_gpu.ts';

/** @param thread the built entry of a WASM thread: a worker thread of Node cannot load TypeScript */
export function nodeHost(thread: URL | string = join(packageRoot(), 'dist/thread.js')): Host {
  const { node, deno } = process.versions;
  const name = deno ? `Deno/${deno}` : `Node.js/${node}`;
  return {
    runtime: deno ? `deno ${deno}` : `node ${node}`,
    userAgent: `${name} (${process.platform}; ${process.arch})`,
    processors: availableParallelism(),
    threadsUnavailable: undefined,
    gpu,
    tuning: tuningCache(),
    spawnThread: () => spawnThread(thread),
    machine: async () => ({ memory: totalmem(), power: governor() }),
    onnxWasmPath: undefined,
    litertPath: undefined,
    get tfjsWasmPath() {
      const require = createRequire(import.meta.url);
      return join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/');
    },
  };
}

/** Held for good: the process ends when it is collected while a device lives. */
let instance: GPU | undefined;

async function gpu(): Promise<GPU | string> {
  const { env } = process;
  // Deno brings its own, wgpu.
  if (process.versions.deno)
    return globalThis.navigator?.gpu ?? 'Deno has WebGPU with --unstable-webgpu only';
  const chosen = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  const driver = chosen ?? (lacksGpu() ? swiftShader() : '');
  if (driver === undefined)
    return 'this machine has no GPU (and no Chromium whose software driver could stand in)';
  const software = driver.includes('swiftshader');
  // Vulkan's loader complains aloud where no desktop has set it.
  env.XDG_RUNTIME_DIR ??= tmpdir();
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    if (!instance) {
      instance = create(software ? [SOFTWARE_DAWN_FLAG] : []);
      if (software) restWhilePolling();
      if (!chosen && driver) await loadDriver(instance, driver);
    }
    return instance;
  } catch (error) {
    return missingPackage(error) ?? `the package webgpu cannot run here: ${firstLineOf(error)}`;
  }
}

/**
 * Vulkan's loader reads the environment when it is first asked for an adapter. Browsers that are started later
 * choose their driver themselves.
 */
async function loadDriver(gpu: GPU, driver: string): Promise<void> {
  process.env.VK_DRIVER_FILES = driver;
  try {
    await gpu.requestAdapter();
  } finally {
    delete process.env.VK_DRIVER_FILES;
  }
}

/** A file below the user's folder for caches. */
function tuningCache(): TuningCache {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mnist-kernels');
  const file = join(folder, 'tuning.json');
  return {
    async read() {
      try {
        return JSON.parse(await readFile(file, 'utf8'));
      } catch {
        return {};
      }
    },
    async write(entries) {
      const unfinished = `${file}.${process.pid}`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(unfinished, `${JSON.stringify(entries, null, 2)}\n`);
        await rename(unfinished, file);
      } catch {
        // Next time it is timed again.
      }
    },
  };
}

/** How Linux sets the clock of the first processor: "performance", "powersave", … */
function governor(): string | undefined {
  try {
    const file = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor';
    return `governor ${readFileSync(file, 'utf8').trim()}`;
  } catch {
    return undefined;
  }
}

/** A thread that fails says so at once; one that hangs says nothing. */
const FAILURE_MILLISECONDS = 1000;

function spawnThread(script: URL | string): Thread {
  const worker = new Worker(script);
  worker.unref();
  const failure = new Failure();
  // While nobody waits for its message, the next barrier misses it, and asks.
  worker.on('error', (error) => failure.raise(error));
  return {
    async begin(start) {
      const ready = once(worker, 'message');
      worker.postMessage(start);
      await failure.during(ready).catch((error: unknown) => {
        throw new Error(`a WASM thread failed: ${messageOf(error)}`);
      });
    },
    end: () => void worker.terminate(),
    async abandon() {
      const enough = new AbortController();
      const patience = sleep(FAILURE_MILLISECONDS, undefined, enough);
      const problem = await failure.during(patience).catch(messageOf);
      enough.abort();
      patience.catch(() => {});
      void worker.terminate();
      return problem;
    },
  };
}
