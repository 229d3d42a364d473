// A session in a browser: the page's end of a worker of its own, with the threads that it asks for.
import * as Comlink from 'comlink';
import type { Dataset } from '../data/dataset.ts';
import type { EngineInfo, PassedOver } from '../engine/engine.ts';
import { InputError } from '../errors.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { Model, TrainedModel } from '../formats/model.ts';
import { Threads } from '../hosts/browser/threads.ts';
import { WorkerClient } from '../hosts/browser/worker_client.ts';
import type { KernelName } from '../network/kernels.ts';
import type { TypedArray } from '../network/plan.ts';
import type { KernelResult } from '../validation/check_kernel.ts';
import type {
  KernelConstants,
  Prediction,
  Predictor,
  Session,
  SessionOptions,
  TrainOptions,
} from './session.ts';
import type { SessionWorker } from './session_worker.ts';

/** The scripts of a session's worker and of its threads. */
export interface Scripts {
  startWorker(name: string): Worker;
  startThread(): Worker;
}

/** @throws InputError if the backend named cannot run here, with the reason */
export async function openWorkerSession(options: SessionOptions, scripts: Scripts): Promise<Session> {
  const client = new SessionClient(scripts);
  try {
    const { engine, passedOver } = await client.ask((remote) => remote.open(options));
    return new WorkerSession(client, engine, passedOver);
  } catch (error) {
    client.terminate();
    throw error;
  }
}

class SessionClient extends WorkerClient<SessionWorker> {
  constructor({ startWorker, startThread }: Scripts) {
    const threads = new Threads(startThread);
    super('session', (name) => {
      const worker = startWorker(name);
      Comlink.expose(threads, worker);
      return worker;
    });
    this.ended.catch(() => threads.terminate());
  }

  /** Errors of a worker arrive without their class. */
  async ask<T>(run: (remote: Comlink.Remote<SessionWorker>) => Promise<T>): Promise<T> {
    try {
      return await this.call(run);
    } catch (error) {
      if (error instanceof Error && error.name === 'InputError' && !(error instanceof InputError))
        throw new InputError(error.message);
      throw error;
    }
  }
}

class WorkerSession implements Session {
  /** Trainings and predictors so far. */
  private numbers = 0;

  constructor(
    private readonly client: SessionClient,
    readonly engine: EngineInfo,
    readonly passedOver: readonly PassedOver[],
  ) {}

  async train(dataset: Dataset, options: TrainOptions = {}): Promise<TrainedModel> {
    const { onProgress, onEpoch, signal, ...rest } = options;
    signal?.throwIfAborted();
    const number = this.numbers++;
    const abort = () => void this.client.ask((remote) => remote.abort(number)).catch(() => {});
    signal?.addEventListener('abort', abort);
    try {
      return await this.client.ask((remote) =>
        remote.train(
          number,
          dataset,
          rest,
          onProgress && Comlink.proxy(onProgress),
          onEpoch && Comlink.proxy(onEpoch),
        ),
      );
    } catch (error) {
      // The worker's own signal has another reason.
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  evaluate(model: Model, dataset: Dataset): Promise<Evaluation> {
    return this.client.ask((remote) => remote.evaluate(model, dataset));
  }

  async predictor(model: Model): Promise<Predictor> {
    const { client } = this;
    const number = this.numbers++;
    await client.ask((remote) => remote.openPredictor(number, model));
    const read = (images: readonly Uint8Array[]) => client.ask((remote) => remote.predict(number, images));
    function predict(pixels: Uint8Array): Promise<Prediction>;
    function predict(images: readonly Uint8Array[]): Promise<Prediction[]>;
    async function predict(given: Uint8Array | readonly Uint8Array[]): Promise<Prediction | Prediction[]> {
      return given instanceof Uint8Array ? (await read([given]))[0] : read(given);
    }
    return { predict, close: () => client.ask((remote) => remote.closePredictor(number)) };
  }

  runKernel(
    kernel: KernelName,
    operands: { readonly [operand: string]: TypedArray },
    constants: KernelConstants,
  ): Promise<{ readonly [operand: string]: TypedArray }> {
    return this.client.ask((remote) => remote.runKernel(kernel, operands, constants));
  }

  validate(kernels?: readonly KernelName[]): Promise<KernelResult[]> {
    return this.client.ask((remote) => remote.validate(kernels));
  }

  async close(): Promise<void> {
    this.client.terminate();
  }
}
