// The worker in which texts of kernels are tried: it is ended when one of them does not come back.
import * as Comlink from 'comlink';
import { clockStep } from '../../bench/environment.ts';
import { type Contender, type KernelContest, timeKernel } from '../../bench/kernel_contest.ts';
import type { Dataset } from '../../data/dataset.ts';
import { loadMnistBrowser } from '../../data/mnist_browser.ts';
import type { Engine } from '../../engine/engine.ts';
import { type Availability, open, probe } from '../../engine/open.ts';
import { messagesOf, type ShaderMessage } from '../../engine/webgpu/compile.ts';
import { type Device, openDevice } from '../../engine/webgpu/device.ts';
import { wgslKernel } from '../../engine/webgpu/kernels/index.ts';
import type { DeviceRoofline } from '../../engine/webgpu/roofline.ts';
import { optionsOf } from '../../engine/webgpu/select.ts';
import { InputError } from '../../errors.ts';
import { browserHost } from '../../hosts/browser/host.ts';
import { holdLock } from '../../hosts/browser/lifeline.ts';
import { casesOf, type KernelCase, planOf } from '../../validation/cases.ts';
import { type MappedResult, mapErrors } from '../../validation/error_map.ts';
import { withDigits, withEdges } from '../../validation/inputs.ts';
import { findCase, type Phase, type ShapeOutcome, type Trial } from './trial.ts';

/** Told before each thing that may not come back. */
type OnPhase = (phase: Phase) => Promise<void> | void;

/** What a contest needs beside its times to be drawn. */
export interface TimedTrial {
  readonly contest: KernelContest;
  readonly ceilings: Partial<DeviceRoofline>;
  /** The device's own timestamps; else the clock. */
  readonly timestamps: boolean;
}

const host = browserHost();
let mnist: Promise<Dataset> | undefined;
let stopped = false;
let linting: Promise<Device> | undefined;
/** The last text's engine: pipelines take long to compile on a processor. */
let kept: { readonly key: string; readonly engine: Engine } | undefined;

const api = {
  ready: holdLock,

  probe: (): Promise<Availability[]> => probe(host),

  /** What the browser's compiler says of a text; nothing runs. */
  async lint(code: string): Promise<ShaderMessage[]> {
    linting ??= openDevice(host);
    return messagesOf((await linting).device, code);
  },

  /** @throws InputError if the text does not compile, or one of its loops does not end */
  async check(trial: Trial, shape: string, base: string, onPhase: OnPhase): Promise<MappedResult> {
    const engine = await guarded(trial, onPhase);
    const kernelCase = await withInputs(caseOf(trial, shape), trial, base);
    await compiled(engine, trial, kernelCase, onPhase);
    await onPhase('run');
    const mapped = await mapErrors(engine, trial.engine, kernelCase);
    return Comlink.transfer(mapped, buffersOf(mapped));
  },

  /** All awkward shapes in turn, until it is stopped. @throws InputError as `check` */
  async checkAll(
    trial: Trial,
    base: string,
    onPhase: OnPhase,
    onShape: (outcome: ShapeOutcome) => Promise<void>,
  ): Promise<void> {
    stopped = false;
    const engine = await guarded(trial, onPhase);
    let failed = false;
    for (const [index, plain] of casesOf(trial.kernel).entries()) {
      const kernelCase = await withInputs(plain, trial, base);
      if (index === 0) await compiled(engine, trial, kernelCase, onPhase);
      await onPhase('run');
      if (stopped) return;
      const { result, maps } = await mapErrors(engine, trial.engine, kernelCase);
      const isFirst = !result.pass && !failed;
      failed ||= !result.pass;
      const mapped = { result, maps: isFirst ? maps : [] };
      await onShape(Comlink.transfer({ index, mapped }, buffersOf(mapped)));
    }
  },

  /**
   * In turns with the text that ships, and with tfjs.
   * @param seconds for each of the two contests
   * @throws InputError as `check`
   */
  async time(
    trial: Trial,
    shape: string,
    seconds: number,
    onPhase: OnPhase,
    onShare: (share: number) => void,
  ): Promise<TimedTrial> {
    const kernelCase = caseOf(trial, shape);
    // A loop that does not end is found here; what is timed is the text as it stands.
    const checked = await guarded(trial, onPhase);
    await compiled(checked, trial, kernelCase, onPhase);
    await onPhase('run');
    await mapErrors(checked, trial.engine, kernelCase);
    await onPhase('compile');
    const { shaders, ...shipped } = trial;
    const contenders: Contender[] = [];
    try {
      if (shaders) contenders.push({ name: 'yours', engine: await opened(trial, false) });
      contenders.push({ name: 'shipped', engine: await opened(shipped, false) });
      const contest = await timeKernel({
        kernelCase,
        contenders,
        host,
        tfjs: trial.engine,
        seconds,
        clock: clockStep(),
        onRound: (share) => {
          void onPhase('time');
          onShare(share);
        },
      });
      await onPhase('time');
      return { contest, ...(await ceilingsOf(trial)) };
    } finally {
      for (const { engine } of contenders) engine.dispose();
    }
  },

  /**
   * The steps of the guided path in turns, of which the last is the text that ships.
   * @param texts of the others, in order, as the variant's file
   */
  async timePath(
    shipped: Trial,
    steps: Pick<Trial, 'variant'> & { readonly shader: string; readonly texts: readonly string[] },
    shape: string,
    seconds: number,
    onPhase: OnPhase,
    onShare: (share: number) => void,
  ): Promise<KernelContest> {
    const contenders: Contender[] = [];
    const enter = async (name: string, trial: Trial) => {
      await onPhase('compile');
      contenders.push({ name, engine: await opened(trial, false) });
    };
    try {
      await enter(String(steps.texts.length + 1), shipped);
      for (const [index, text] of steps.texts.entries())
        await enter(String(index + 1), {
          ...shipped,
          variant: steps.variant,
          shaders: { [steps.shader]: text },
        });
      const onRound = (share: number) => {
        void onPhase('time');
        onShare(share);
      };
      return await timeKernel({
        kernelCase: caseOf(shipped, shape),
        contenders,
        host,
        seconds,
        clock: clockStep(),
        onRound,
      });
    } finally {
      for (const { engine } of contenders) engine.dispose();
    }
  },

  /** Ends `checkAll` after the shape that is under way. */
  stop(): void {
    stopped = true;
  },
};

export type TrialWorker = typeof api;

function caseOf({ kernel }: Trial, shape: string): KernelCase {
  const found = findCase(kernel, shape);
  if (!found) throw new InputError(`${kernel} has no shape "${shape}" here`);
  return found;
}

async function withInputs(kernelCase: KernelCase, { inputs }: Trial, base: string): Promise<KernelCase> {
  if (inputs === 'random') return kernelCase;
  if (inputs === 'edges') return withEdges(kernelCase);
  mnist ??= loadMnistBrowser(`${base}data/`);
  return withDigits(kernelCase, (await mnist).train);
}

/** An engine whose loops end, the last one's if nothing has changed. */
async function guarded(trial: Trial, onPhase: OnPhase): Promise<Engine> {
  const { inputs: _, ...text } = trial;
  const key = JSON.stringify(text);
  if (kept?.key === key) return kept.engine;
  kept?.engine.dispose();
  kept = undefined;
  await onPhase('open');
  const engine = await opened(trial, true);
  kept = { key, engine };
  return engine;
}

async function opened(
  { engine: backend, kernel, variant, shaders }: Trial,
  guarded: boolean,
): Promise<Engine> {
  if (backend === 'wasm') return (await open(host, { backend, threads: 1 })).engine;
  const found = wgslKernel(kernel).variants.find(({ name }) => name === variant);
  if (!found) throw new InputError(`${kernel} has no variant "${variant}"`);
  const own = { shaders, guarded: guarded && shaders !== undefined };
  return (await open(host, { backend, ...optionsOf(kernel, found), ...own })).engine;
}

/** On the smallest shape a loop that has no end is over soonest. */
async function compiled(
  engine: Engine,
  { kernel, shaders }: Trial,
  kernelCase: KernelCase,
  onPhase: OnPhase,
): Promise<void> {
  await onPhase('compile');
  (await engine.prepare(planOf(kernelCase))).dispose();
  if (!shaders) return;
  await onPhase('run');
  await mapErrors(engine, '', casesOf(kernel)[0]);
}

async function ceilingsOf({ engine }: Trial): Promise<Omit<TimedTrial, 'contest'>> {
  if (engine === 'wasm') {
    const { measureRoofline } = await import('../../engine/wasm/roofline.ts');
    return { ceilings: { gflops: await measureRoofline() }, timestamps: false };
  }
  const { measureDeviceRoofline } = await import('../../engine/webgpu/roofline.ts');
  const ceilings = await measureDeviceRoofline(host);
  const { device } = await openDevice(host);
  const timestamps = device.features.has('timestamp-query');
  device.destroy();
  return { ceilings, timestamps };
}

const buffersOf = ({ maps }: MappedResult) => maps.map(({ shares }) => shares.buffer as ArrayBuffer);

Comlink.expose(api);
