// What stands between a contestant and a time: its answer, from the work's parameters and velocities, held
// against the oracle's. Errors are planted.
import { afterEach, expect, it, vi } from 'vitest';
import { answerSteps } from '../../src/bench/answer_steps.ts';
import { runBench } from '../../src/bench/bench.ts';
import { type Contestant, entrant } from '../../src/bench/contestant.ts';
import type { PeerName } from '../../src/bench/options.ts';
import { ownTraining } from '../../src/bench/peers/own_training.ts';
import { type Kind, PEERS } from '../../src/bench/peers/peers.ts';
import { trainings } from '../../src/bench/trained.ts';
import { MAX_LOGIT_DIFFERENCE } from '../../src/bench/turns.ts';
import { makeWork, oracleLosses, type Work } from '../../src/bench/work.ts';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { MAX_LOSS_DIFFERENCE } from '../../src/evaluation/comparison.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import type { Parameters } from '../../src/network/initialisation.ts';
import type { KernelCall } from '../../src/network/plan.ts';

const mnist = await loadMnistNode();
const dataset = { ...mnist, train: slice(mnist.train, 0, 6000), test: slice(mnist.test, 0, 100) };
const host = nodeHost();
const [network, batch] = ['784-16-10', 64];
const work = await trainings(dataset, host)(makeWork(network, batch, dataset), () => {});

const zeros = (values: Parameters, of: (name: string) => boolean = () => true): Parameters =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, of(name) ? new Float32Array(value.length) : value]),
  );
const isBias = (name: string) => name.startsWith('bias');
const asItIs = (of: Work): Work => of;
const emptyBiases = (of: Work): Work => ({ ...of, parameters: zeros(of.parameters, isBias) });
const emptyVelocities = (of: Work): Work => ({ ...of, state: zeros(of.state) });
const withCalls = (of: Work, change: (calls: readonly KernelCall[]) => KernelCall[]): Work => ({
  ...of,
  plan: { ...of.plan, calls: { ...of.plan.calls, train: change(of.plan.calls.train) } },
});
/** The forward pass reads biases that are zero and that nothing updates. */
const withoutBiases = (of: Work): Work => {
  const biases = Object.entries(of.plan.buffers).filter(([name]) => isBias(name));
  const unused = Object.fromEntries(biases.map(([name, spec]) => [`unused_${name}`, spec]));
  const changed = withCalls(of, (calls) =>
    calls.map((call) =>
      call.kernel === 'dense_forward'
        ? { ...call, operands: { ...call.operands, bias: `unused_${call.operands.bias}` } }
        : call,
    ),
  );
  return { ...changed, plan: { ...changed.plan, buffers: { ...of.plan.buffers, ...unused } } };
};
const withFrozenBiases = (of: Work): Work =>
  withCalls(of, (calls) =>
    calls.filter(({ kernel, operands }) => kernel !== 'sgd' || !isBias(operands.parameter)),
  );

const planted: [PeerName, Kind, (typeof PEERS)[PeerName][Kind]][] = [];
const plant = (name: PeerName, kind: Kind, open: (of: Work) => Promise<Contestant>) => {
  planted.push([name, kind, PEERS[name][kind]]);
  Object.assign(PEERS[name], { [kind]: open });
};
afterEach(() => {
  for (const [name, kind, open] of planted.splice(0)) Object.assign(PEERS[name], { [kind]: open });
  vi.unstubAllGlobals();
});

/** A peer that answers as the oracle does when it trains with this error. */
const trainee = (name: PeerName, error: (of: Work) => Work) => async (of: Work) => ({
  name,
  version: '',
  threads: 1,
  run: () => new Promise<void>((resolve) => setTimeout(resolve, 1)),
  answer: async () => Float32Array.from(oracleLosses(error(of))),
  dispose: () => {},
});

const bench = (suite: 'step' | 'inference', peers: readonly PeerName[]) =>
  runBench(
    {
      backend: 'wasm',
      networks: [network],
      batches: [batch],
      seconds: 0.1,
      threads: 1,
      suites: [suite],
      peers,
    },
    dataset,
    host,
  );

/** Far beyond the tolerance, so that a test does not hang on its last digit. */
const wrong = (tolerance: number) => (row: { error?: string } | undefined) => {
  const [, off] = /^a wrong answer, (\S+) off$/.exec(row?.error ?? '') ?? [];
  expect(Number(off)).toBeGreaterThan(10 * tolerance);
  expect(row).not.toHaveProperty('milliseconds');
};

it('gives no time to a training without biases, or with biases or velocities that are not what they should be', async () => {
  const errors = [
    ['tfjs-wasm', withoutBiases],
    ['tfjs-cpu', withFrozenBiases],
    ['jax-js wasm', emptyVelocities],
    ['jax-js webgpu', emptyBiases],
    ['tfjs-webgpu', (of: Work) => ({ ...of, parameters: makeWork(network, batch, dataset).parameters })],
  ] as const;
  for (const [name, error] of errors) plant(name, 'training', trainee(name, error));
  plant('plain TypeScript', 'training', trainee('plain TypeScript', asItIs));
  const { cases } = await bench('step', [...errors.map(([name]) => name), 'plain TypeScript']);
  const row = (name: string) => cases[0].peers.find((peer) => peer.name === name);
  for (const [name] of errors) wrong(MAX_LOSS_DIFFERENCE)(row(name));
  // The same peer without an error: it is the errors that were noticed.
  expect(row('plain TypeScript')).toMatchObject({ ratio: { median: expect.any(Number) } });
});

it('gives no time to an answer that is too short', async () => {
  plant('plain TypeScript', 'training', async (of) => {
    const peer = await trainee('plain TypeScript', asItIs)(of);
    return { ...peer, answer: async () => (await peer.answer()).subarray(1) };
  });
  const { cases } = await bench('step', ['plain TypeScript']);
  wrong(MAX_LOSS_DIFFERENCE)(cases[0].peers.find(({ name }) => name === 'plain TypeScript'));
});

it('gives no time to an inference without biases', async () => {
  const { inference, latency } = PEERS['plain TypeScript'];
  plant('plain TypeScript', 'inference', (of) => inference!(emptyBiases(of), host));
  plant('plain TypeScript', 'latency', (of) => latency!(emptyBiases(of), host));
  const { cases } = await bench('inference', ['plain TypeScript']);
  const names = cases.map(({ name }) => name);
  expect(names).toContain(`${network} 1 thread`);
  expect(names).toContain(`${network} one image, 1 thread`);
  for (const { peers } of cases)
    wrong(MAX_LOGIT_DIFFERENCE)(peers.find(({ name }) => name === 'plain TypeScript'));
});

it('goes on without a peer that fails while it is timed', async () => {
  let disposed = 0;
  plant('tfjs-cpu', 'training', async (of) => ({
    ...(await trainee('tfjs-cpu', asItIs)(of)),
    run: async () => {
      throw new Error('out of memory');
    },
    dispose: () => void disposed++,
  }));
  plant('plain TypeScript', 'training', trainee('plain TypeScript', asItIs));
  const { cases } = await bench('step', ['tfjs-cpu', 'plain TypeScript']);
  for (const { peers } of cases) {
    const row = (name: string) => peers.find((peer) => peer.name === name);
    expect(row('tfjs-cpu')).toEqual({ name: 'tfjs-cpu', error: 'out of memory' });
    expect(row('plain TypeScript')).toMatchObject({ ratio: { median: expect.any(Number) } });
  }
  expect(disposed).toBe(1);
});

it.each(['tfjs-wasm', 'tfjs-cpu', 'jax-js wasm', 'plain TypeScript'] as const)(
  '%s begins anew after each turn, from parameters and velocities that it was given',
  async (name) => {
    const each = entrant(await PEERS[name].training!(work, host));
    const first = await each.answer();
    await each.time(20, 1);
    expect(await each.answer()).toEqual(first);
    each.dispose();
    const expected = oracleLosses(work);
    for (const [step, loss] of first.entries())
      expect(Math.abs(loss - expected[step])).toBeLessThan(MAX_LOSS_DIFFERENCE / 5);
  },
);

it('begins anew with our engine, too', async () => {
  const each = entrant(await ownTraining(work, host, 'ours', { backend: 'wasm', threads: 1 }));
  const first = await each.answer();
  await each.time(20, 1);
  expect(await each.answer()).toEqual(first);
  each.dispose();
});

it('begins a start with biases that are not zero, the same ones each time, and without velocities', () => {
  const [one, other] = [makeWork(network, batch, dataset), makeWork(network, batch, dataset)];
  expect(other.parameters).toEqual(one.parameters);
  for (const layer of [0, 1]) {
    const bias = one.parameters[`bias${layer}`];
    expect(Math.max(...bias.map(Math.abs))).toBeGreaterThan(0.25);
    expect(bias.every((value) => value !== 0)).toBe(true);
  }
  expect(Object.keys(one.state)).toEqual([
    'velocityKernel0',
    'velocityBias0',
    'velocityKernel1',
    'velocityBias1',
  ]);
  for (const velocity of Object.values(one.state)) expect(velocity.every((value) => value === 0)).toBe(true);
  const young = oracleLosses(one);
  expect(Math.abs(oracleLosses(emptyBiases(one))[0] - young[0])).toBeGreaterThan(100 * MAX_LOSS_DIFFERENCE);
});

it('trains a network once, for two epochs or 2,000 steps', async () => {
  const shares: number[] = [];
  const trained = trainings(dataset, host);
  const once = await trained(makeWork(network, batch, dataset), (_, share) => shares.push(share));
  // Two epochs of 94 steps, a word every hundred and at the end of each.
  expect(shares).toEqual([0, 94 / 188]);
  const again = await trained(makeWork(network, batch, dataset, { images: 640 }), () => shares.push(NaN));
  expect(shares).toHaveLength(2);
  expect(again.parameters).toBe(once.parameters);
  expect(again.train.count).toBe(640);
  expect(once.state.velocityKernel1.some((value) => value !== 0)).toBe(true);
  // It has learned, and has not forgotten its biases.
  expect(oracleLosses(once)[0]).toBeLessThan(0.5 * oracleLosses(makeWork(network, batch, dataset))[0]);
  const small = { ...dataset, train: slice(dataset.train, 0, 5000) };
  let words = 0;
  await trainings(small, host)(makeWork(network, 4, small), () => void words++);
  // 2,000 steps, although an epoch has 1,250.
  expect(words).toBe(13 + 8);
});

it('says which network does not learn', async () => {
  const wild = makeWork(network, batch, dataset);
  const recipe = { ...wild.plan.recipe, learningRate: 100 };
  const training = trainings(dataset, host)({ ...wild, plan: { ...wild.plan, recipe } }, () => {});
  await expect(training).rejects.toThrow(
    '784-16-10, batch 64: it does not learn at the rate 100, take a larger batch',
  );
});

it('goes through few batches again and again in an answer', () => {
  const few = makeWork(network, batch, { ...dataset, train: slice(dataset.train, 0, 100) });
  expect(answerSteps(few).map(({ first, rows, slot }) => [first, rows, slot])).toEqual(
    Array.from({ length: 8 }, (_, slot) => (slot % 2 === 0 ? [0, 64, slot] : [64, 36, slot])),
  );
});
