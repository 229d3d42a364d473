// The worker of a session in a browser. Trainings and predictors are known by numbers that the page chose.
import * as Comlink from 'comlink';
import type { Dataset } from '../data/dataset.ts';
import type { Model, TrainedModel } from '../formats/model.ts';
import { answerMessages } from '../hosts/browser/answer_messages.ts';
import { browserHost } from '../hosts/browser/host.ts';
import { holdLock } from '../hosts/browser/lifeline.ts';
import type { Threads } from '../hosts/browser/threads.ts';
import type { KernelName } from '../network/kernels.ts';
import type { TypedArray } from '../network/plan.ts';
import { openHostSession } from './host_session.ts';
import type { KernelConstants, Predictor, Session, SessionOptions, TrainOptions } from './session.ts';

const host = browserHost(Comlink.wrap<Threads>(self));
let session: Session;
const trainings = new Map<number, AbortController>();
const predictors = new Map<number, Promise<Predictor>>();

const api = {
  ready: holdLock,

  async open(options: SessionOptions): Promise<Pick<Session, 'engine' | 'passedOver'>> {
    session = await openHostSession(host, options, answerMessages);
    return { engine: session.engine, passedOver: session.passedOver };
  },

  train(
    number: number,
    dataset: Dataset,
    options: Omit<TrainOptions, 'onProgress' | 'onEpoch' | 'signal'>,
    onProgress: TrainOptions['onProgress'],
    onEpoch: TrainOptions['onEpoch'],
  ): Promise<TrainedModel> {
    const stop = new AbortController();
    trainings.set(number, stop);
    return session
      .train(dataset, { ...options, onProgress, onEpoch, signal: stop.signal })
      .finally(() => trainings.delete(number));
  },

  abort(number: number): void {
    trainings.get(number)?.abort();
  },

  evaluate: (model: Model, dataset: Dataset) => session.evaluate(model, dataset),

  openPredictor(number: number, model: Model): void {
    predictors.set(number, session.predictor(model));
  },

  predict: async (number: number, images: readonly Uint8Array[]) =>
    (await predictors.get(number)!).predict(images),

  async closePredictor(number: number): Promise<void> {
    await (await predictors.get(number)!).close();
    predictors.delete(number);
  },

  runKernel: (
    kernel: KernelName,
    operands: { readonly [operand: string]: TypedArray },
    constants: KernelConstants,
  ) => session.runKernel(kernel, operands, constants),

  validate: (kernels?: readonly KernelName[]) => session.validate(kernels),
};

export type SessionWorker = typeof api;

Comlink.expose(api);
