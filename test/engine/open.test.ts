// open(): which engine is chosen, and in which words the others are passed over.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '../../src/engine/host.ts';
import { MAX_THREADS, type Opened, type OpenOptions, open, probe } from '../../src/engine/open.ts';
import { WASM_BUILDS, type WasmBuild } from '../../src/engine/wasm/builds.ts';
import { InputError } from '../../src/errors.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { gpuHost, REAL_GPU } from './gpu_host.ts';

const NO_SHARED_MEMORY = 'the page is not cross-origin isolated';
const NO_GPU = 'this browser has no WebGPU';
const withoutThreads: Host = { ...nodeHost(), threadsUnavailable: NO_SHARED_MEMORY };
const withoutGpu: Host = { ...nodeHost(), processors: 2, gpu: async () => NO_GPU };

const opened: Opened[] = [];
afterEach(() => {
  for (const { engine } of opened.splice(0)) engine.dispose();
  vi.restoreAllMocks();
});

async function openOn(host: Host, options?: OpenOptions): Promise<Opened> {
  const result = await open(host, options);
  opened.push(result);
  return result;
}

async function refusal(host: Host, options: OpenOptions): Promise<string> {
  const error = await openOn(host, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).not.toContain('\n');
  return (error as Error).message;
}

/** A machine whose WASM lacks some instructions: its validator refuses them. */
function lackInstructions(...opcodes: (readonly number[])[]): void {
  const { validate } = WebAssembly;
  vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => {
    const code = Buffer.from(bytes as ArrayBuffer);
    return opcodes.some((opcode) => code.includes(Buffer.from(opcode))) ? false : validate(bytes);
  });
}

/** `f32x4.relaxed_madd` and `f32x4.add` (WebAssembly, appendix on the index of instructions). */
const RELAXED_MADD = [0xfd, 0x85, 0x02];
const ADD = [0xfd, 0xe4, 0x01];

describe('open', () => {
  it('refuses a backend that there is not', async () => {
    const backend = 'cuda' as 'wasm';
    expect(await refusal(nodeHost(), { backend })).toBe(
      'backend "cuda": expected one of auto, webgpu, wasm, tfjs',
    );
  });

  it('refuses mixed precision anywhere but on WebGPU', async () => {
    const options = { backend: 'wasm', precision: 'mixed' } as const;
    expect(await refusal(nodeHost(), options)).toBe('mixed precision needs the backend webgpu');
  });

  it.each([0, -1, 1.5, MAX_THREADS + 1, 1e9, Number.NaN])('refuses %d threads', async (threads) => {
    expect(await refusal(nodeHost(), { backend: 'wasm', threads })).toBe(
      `threads ${threads}: expected a whole number from 1 to ${MAX_THREADS}`,
    );
  });

  it('refuses a build that there is not', async () => {
    const build = 'avx' as WasmBuild;
    expect(await refusal(nodeHost(), { backend: 'wasm', build })).toBe(
      `WASM build "avx": expected one of ${WASM_BUILDS.join(', ')}`,
    );
  });

  it.each(['simd', 'relaxed'] as const)('refuses threads for the build %s, which has none', async (build) => {
    expect(await refusal(nodeHost(), { backend: 'wasm', build, threads: 2 })).toBe(
      `WASM build "${build}" has one thread, 2 were asked for`,
    );
  });

  it('opens what is named', async () => {
    const host = { ...nodeHost(), processors: 4 };
    const { engine } = await openOn(host, { backend: 'wasm', build: 'simd_threads', threads: 3 });
    expect(engine.info).toEqual({
      backend: 'wasm',
      adapter: 'WASM simd',
      threads: 3,
      simd: 'simd',
      software: false,
    });
    expect((await openOn(nodeHost(), { backend: 'tfjs' })).engine.info.backend).toBe('tfjs');
    expect((await openOn(gpuHost({}), { backend: 'webgpu' })).engine.info.backend).toBe('webgpu');
  });

  it('takes no more threads than there are processors, and says so', async () => {
    const host = { ...nodeHost(), processors: 2 };
    const { engine, passedOver } = await openOn(host, { backend: 'wasm', threads: 16 });
    expect(engine.info.threads).toBe(2);
    expect(passedOver).toContainEqual({ what: 'wasm with 16 threads', why: 'there are 2 processors' });
    const all = await openOn(host, { backend: 'wasm', threads: 3, alwaysTogether: true });
    expect(all.engine.info.threads).toBe(3);
  });

  it('takes one thread for each processor', async () => {
    for (const [processors, threads] of [
      [1, 1],
      [3, 3],
      [64, 16],
    ]) {
      const { engine } = await openOn({ ...nodeHost(), processors }, { backend: 'wasm' });
      expect(engine.info.threads).toBe(threads);
    }
  });

  it('refuses a named backend with the reason of the host', async () => {
    expect(await refusal(withoutGpu, { backend: 'webgpu' })).toBe(NO_GPU);
  });

  it('refuses WebGPU without an adapter', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    expect(await refusal({ ...nodeHost(), gpu: async () => gpu }, { backend: 'webgpu' })).toMatch(
      /no adapter/,
    );
  });
});

describe('open with auto', () => {
  it('chooses WebGPU on a real device', async () => {
    const { engine, passedOver } = await openOn(gpuHost({ info: REAL_GPU }));
    expect(engine.info).toMatchObject({ backend: 'webgpu', adapter: 'acme one', software: false });
    expect(passedOver).toEqual([]);
  });

  it.each([
    ['a fallback adapter', { vendor: 'acme', description: 'one', isFallbackAdapter: true }],
    ['SwiftShader', { vendor: 'google', architecture: 'swiftshader', isFallbackAdapter: false }],
    ['lavapipe', { vendor: 'mesa', description: 'llvmpipe (LLVM 19, 256 bits)', isFallbackAdapter: false }],
    [
      'an adapter without a name',
      { vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: true },
    ],
  ])('passes over %s, which runs on the processor, and closes it', async (_, info) => {
    const devices: GPUDevice[] = [];
    const { engine, passedOver } = await openOn(
      gpuHost({ info, onDevice: (device) => devices.push(device) }),
    );
    expect(engine.info.backend).toBe('wasm');
    expect(passedOver[0].what).toBe('webgpu');
    expect(passedOver[0].why).toMatch(
      /^\S.* runs on the processor, slower than WASM; ask for webgpu by name/,
    );
    expect((await devices[0].lost).reason).toBe('destroyed');
  });

  it('opens a software adapter by name', async () => {
    const info = { vendor: 'google', architecture: 'swiftshader', isFallbackAdapter: true };
    const { engine, passedOver } = await openOn(gpuHost({ info }), { backend: 'webgpu' });
    expect(engine.info).toMatchObject({ backend: 'webgpu', software: true });
    expect(passedOver).toEqual([]);
  });

  it('goes on to WASM with the reason of a host without WebGPU', async () => {
    const { engine, passedOver } = await openOn(withoutGpu);
    expect(engine.info).toMatchObject({ backend: 'wasm', threads: 2 });
    expect(passedOver[0]).toEqual({ what: 'webgpu', why: NO_GPU });
  });

  it('goes on to WASM if the device is refused', async () => {
    const requestDevice = async () => {
      throw new Error('out of devices');
    };
    const adapter = { info: { vendor: 'acme' }, features: new Set(), limits: {}, requestDevice };
    const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
    const { engine, passedOver } = await openOn({ ...nodeHost(), gpu: async () => gpu });
    expect(engine.info.backend).toBe('wasm');
    expect(passedOver[0]).toEqual({ what: 'webgpu', why: 'out of devices' });
  });
});

describe('open on a host without shared memory', () => {
  it('falls back to one thread and says why', async () => {
    const { engine, passedOver } = await openOn({ ...withoutThreads, processors: 4 }, { backend: 'wasm' });
    expect(engine.info.threads).toBe(1);
    expect(passedOver).toContainEqual({ what: 'wasm with threads', why: NO_SHARED_MEMORY });
  });

  it.each([{ threads: 2 }, { build: 'simd_threads' }, { build: 'relaxed_threads', threads: 1 }] as const)(
    'refuses %j with the reason',
    async (options) => {
      expect(await refusal(withoutThreads, { backend: 'wasm', ...options })).toBe(
        `WASM threads cannot run here: ${NO_SHARED_MEMORY}`,
      );
    },
  );

  it.each([{ threads: 1 }, { build: 'simd' }] as const)('opens %j without a word', async (options) => {
    const { engine, passedOver } = await openOn(withoutThreads, { backend: 'wasm', ...options });
    expect(engine.info.threads).toBe(1);
    expect(passedOver.filter(({ why }) => why === NO_SHARED_MEMORY)).toEqual([]);
  });
});

describe('open on a machine without some instructions', () => {
  it('falls back from relaxed SIMD to SIMD, with and without threads', async () => {
    lackInstructions(RELAXED_MADD);
    for (const threads of [1, 2]) {
      const { engine, passedOver } = await openOn(nodeHost(), { backend: 'wasm', threads });
      expect(engine.info.simd).toBe('simd');
      const what = threads === 1 ? 'wasm relaxed' : 'wasm relaxed_threads';
      expect(passedOver).toEqual([{ what, why: 'no relaxed-simd instructions here' }]);
    }
  });

  it('refuses the build that is named', async () => {
    lackInstructions(RELAXED_MADD);
    expect(await refusal(nodeHost(), { backend: 'wasm', build: 'relaxed' })).toBe(
      'WASM relaxed cannot run here: no relaxed-simd instructions',
    );
  });

  it('refuses WASM where there is no SIMD at all', async () => {
    lackInstructions(RELAXED_MADD, ADD);
    expect(await refusal(nodeHost(), { backend: 'wasm', threads: 1 })).toBe(
      'WASM relaxed and simd cannot run here: no simd instructions',
    );
  });
});

describe('probe', () => {
  it('tells for each backend what it runs on or why it cannot run', async () => {
    const [webgpu, wasm] = await probe(withoutGpu);
    expect(webgpu).toEqual({ backend: 'webgpu', unavailable: NO_GPU });
    expect(wasm.info).toMatchObject({ backend: 'wasm', threads: 2 });
    const [software] = await probe(gpuHost({ info: { architecture: 'swiftshader' } }));
    expect(software.info?.software).toBe(true);
  });
});
