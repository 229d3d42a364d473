// The laboratory as it stands: which kernel and text, what the compiler, the oracle and the clock said of it. The
// view draws it and calls its actions.
import * as Comlink from 'comlink';
import type { KernelContest } from '../../bench/kernel_contest.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { Availability } from '../../engine/open.ts';
import type { ShaderMessage } from '../../engine/webgpu/compile.ts';
import { messageOf } from '../../errors.ts';
import { WorkerEnded } from '../../hosts/browser/worker_client.ts';
import { casesOf } from '../../validation/cases.ts';
import { Draft } from './draft.ts';
import { PATH_VARIANT, pathTexts } from './path/path.ts';
import { type Place, type Shared, STEPS, usualShape, variantsOf } from './place.ts';
import type { ShapeOutcome, Trial, TrialEngine, Verdict } from './trial.ts';
import type { TimedTrial } from './trial_worker.ts';
import { Trials } from './trials.ts';
import { type Running, WorkQueue } from './work_queue.ts';

/** Milliseconds without a keystroke after which a text is looked at. */
const PAUSE = 350;

/** Of each of the two contests. */
const SECONDS = 1.5;

export class Laboratory {
  readonly draft = new Draft(() => this.changed());
  place: Place;
  messages: readonly ShaderMessage[] = [];
  verdict: Verdict | undefined;
  timed: TimedTrial | undefined;
  /** Of the guided path; the last step is the subject. */
  pathTimes: KernelContest | undefined;
  /** Verdict and times are of an earlier text, or of other inputs. */
  stale = false;
  problem: string | undefined;
  /** The engines that this browser has, once they are known. */
  engines: readonly Availability[] | undefined;
  private readonly trials = new Trials();
  private readonly queue = new WorkQueue({
    changed: () => this.changed(),
    begin: () => {
      this.problem = undefined;
    },
    complain: (error) => this.complain(error),
    interrupt: ({ what }) => {
      // What is timed is not to be asked anything meanwhile.
      if (what === 'time' || what === 'path') this.trials.end();
      else this.trials.stop();
    },
  });
  private readonly linter = new Trials();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts texts: what is said of an earlier one does not matter. */
  private age = 0;
  /** Counts what somebody asked for: what would have followed by itself is then left out. */
  private asked = 0;

  constructor(
    place: Place,
    private readonly changed: () => void,
  ) {
    this.place = place;
  }

  get running(): Running | undefined {
    return this.queue.running;
  }

  get gpu(): EngineInfo | undefined {
    return this.engines?.find(({ backend }) => backend === 'webgpu')?.info;
  }

  /** Why no text can be tried here; undefined if it can, or if that is not known yet. */
  get gpuUnavailable(): string | undefined {
    return this.engines?.find(({ backend }) => backend === 'webgpu')?.unavailable;
  }

  get engine(): TrialEngine {
    return this.place.engine ?? (this.engines && !this.gpu ? 'wasm' : 'webgpu');
  }

  /** The variant that is chosen, or else the one that this kind of device takes. */
  get variant(): { readonly name: string; readonly shader: string } {
    const { kernel, variant, step } = this.place;
    const variants = variantsOf(kernel);
    const ofStep = step !== undefined && step < STEPS ? PATH_VARIANT.name : undefined;
    const wanted = ofStep ?? variant ?? this.usualVariant;
    return variants.find(({ name }) => name === wanted) ?? variants[0];
  }

  private get usualVariant(): string {
    return this.gpu?.software ? 'registers' : '32x32';
  }

  /** Shows a place; its text and, where nothing waits to be agreed to, its verdict follow. */
  async show(place: Place): Promise<void> {
    const { kernel } = this.place;
    this.place = place;
    if (kernel !== place.kernel) this.clear();
    await this.draft.open(this.variant.shader, place.step);
    this.outdate();
    this.look(0);
  }

  /** Somebody typed. */
  edit(text: string): void {
    this.draft.edit(text);
    this.outdate();
    this.look(PAUSE);
  }

  /** Another text takes the place of what was typed. */
  replace(text: string): void {
    this.draft.replace(text);
    this.outdate();
    this.look(0);
  }

  /** An address brings a text, which is shown and not run. */
  async offer(shared: Shared): Promise<void> {
    await this.draft.offer(shared);
    this.outdate();
    this.clear();
  }

  /** @param use whether the text that an address brought is to be run, as it was by who sent it */
  async answer(use: boolean): Promise<void> {
    const all = this.draft.asks?.all;
    this.draft.answer(use);
    this.outdate();
    if (use && all) {
      if (await this.lint(this.age)) await this.checkAll();
    } else this.look(0);
  }

  /** One shape, with a map. */
  check(shape = this.place.shape): Promise<void> {
    return this.ask(() => this.checkOne(shape));
  }

  private async checkOne(shape: string): Promise<void> {
    const [total, age] = [1, this.age];
    this.queue.enter({ what: 'check', share: 0 });
    const { result, maps } = await this.trials.run((remote, onPhase) =>
      remote.check(this.trial(), shape, BASE, onPhase),
    );
    this.verdict = { results: [result], total, shape, maps };
    this.stale = age !== this.age;
  }

  /** All awkward shapes, with a map of the first that fails. */
  checkAll(): Promise<void> {
    return this.ask(async () => {
      const { kernel } = this.place;
      const age = this.age;
      const cases = casesOf(kernel);
      let verdict: Verdict = { results: [], total: cases.length, shape: '', maps: [] };
      this.queue.enter({ what: 'all', share: 0 });
      const onShape = ({ mapped: { result, maps } }: ShapeOutcome) => {
        const results = [...verdict.results, result];
        const isFirst = maps.length > 0;
        verdict = { ...verdict, results, ...(isFirst && { maps, shape: result.shape }) };
        this.verdict = verdict;
        this.stale = age !== this.age;
        this.queue.enter({ what: 'all', share: results.length / cases.length });
      };
      await this.trials.run((remote, onPhase) =>
        remote.checkAll(
          this.trial(),
          BASE,
          onPhase,
          Comlink.proxy(async (outcome) => onShape(outcome)),
        ),
      );
    });
  }

  time(): Promise<void> {
    return this.ask(async () => {
      const age = this.age;
      this.queue.enter({ what: 'time', share: 0 });
      const onShare = Comlink.proxy((share: number) => this.queue.enter({ what: 'time', share }));
      const timed = await this.trials.run((remote, onPhase) =>
        remote.time(this.trial(), this.place.shape, SECONDS, onPhase, onShare),
      );
      if (age === this.age) this.timed = timed;
      // The check that would have followed by itself.
      if (this.stale) this.look(0);
    });
  }

  /** The five steps of the path, on the shape that is chosen. */
  timePath(): Promise<void> {
    return this.queue.work(async () => {
      this.queue.enter({ what: 'path', share: 0 });
      const texts = (await pathTexts()).filter((text) => text !== undefined);
      const { name: variant } = variantsOf('dense_forward').find(({ name }) => name === this.usualVariant)!;
      const shipped: Trial = { engine: 'webgpu', kernel: 'dense_forward', variant, inputs: 'random' };
      const steps = { variant: PATH_VARIANT.name, shader: PATH_VARIANT.shader, texts };
      const onShare = Comlink.proxy((share: number) => this.queue.enter({ what: 'path', share }));
      this.pathTimes = await this.trials.run((remote, onPhase) =>
        remote.timePath(shipped, steps, usualShape('dense_forward'), SECONDS, onPhase, onShare),
      );
    });
  }

  /** Ends what is under way, at once. */
  stop(): void {
    this.queue.forget();
    this.trials.end();
  }

  /** What the worker is asked to try. */
  private trial(): Trial {
    const { kernel, inputs } = this.place;
    const { name: variant, shader } = this.variant;
    // Whatever was asked for before an address brought a text must not run that text.
    const own = this.engine === 'webgpu' && this.draft.isChanged && !this.draft.asks;
    return {
      engine: this.engine,
      kernel,
      variant,
      inputs,
      ...(own && { shaders: { [shader]: this.draft.text } }),
    };
  }

  /** Asks the compiler and, if it is content, the oracle, once nobody has typed for a while. */
  private look(pause: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.examine(), pause);
  }

  private async examine(): Promise<void> {
    const { age, asked } = this;
    if (this.engine === 'webgpu' && !(await this.lint(age))) return;
    if (age === this.age && asked === this.asked && !this.draft.asks)
      await this.queue.work(() => this.checkOne(this.place.shape));
  }

  /** @returns whether the text compiles and is still the text */
  private async lint(age: number): Promise<boolean> {
    if (!this.gpu || this.draft.asks) return false;
    try {
      const { text } = this.draft;
      const messages = await this.linter.run((remote) => remote.lint(text));
      if (age !== this.age) return false;
      this.messages = messages;
      this.changed();
      return !messages.some(({ severity }) => severity === 'error');
    } catch (error) {
      this.complain(error);
      return false;
    }
  }

  /** What somebody asks for goes before what would follow by itself; the compiler is still asked. */
  private ask(job: () => Promise<void>): Promise<void> {
    clearTimeout(this.timer);
    this.asked++;
    if (this.engine === 'webgpu') void this.lint(this.age);
    return this.queue.work(job);
  }

  private complain(error: unknown): void {
    if (error instanceof WorkerEnded && error.wanted) return;
    this.problem = messageOf(error);
    const line = Number(/^line (\d+):/.exec(this.problem)?.[1]);
    if (line) {
      const text = this.problem.replace(/^line \d+: /, '');
      this.messages = [{ severity: 'error', text, line, column: 0, length: 0 }];
    }
    this.changed();
  }

  private outdate(): void {
    this.age++;
    this.stale = true;
    this.timed = undefined;
    this.problem = undefined;
    this.changed();
  }

  private clear(): void {
    this.verdict = undefined;
    this.timed = undefined;
    this.messages = [];
  }
}

const BASE = new URL('.', document.baseURI).href;
