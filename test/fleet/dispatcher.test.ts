// Each way in which a browser of a Grid fails is a row with its reason, and the job goes to another slot.
import { afterEach, describe, expect, it } from 'vitest';
import { WebDriverServer } from '../../src/cli/browser/webdriver.ts';
import type { Entry } from '../../src/cli/grid/journal.ts';
import {
  jobsNamed,
  runOver,
  type SimulatedGrid,
  type SimulatedGridOptions,
  startSimulatedGrid,
} from './simulated_grid.ts';

let grid: SimulatedGrid | undefined;
afterEach(() => grid?.close());

async function start(options: SimulatedGridOptions): Promise<SimulatedGrid> {
  grid = await startSimulatedGrid(options);
  return grid;
}

const of = <K extends Entry['kind']>(entries: readonly Entry[], kind: K) =>
  entries.filter((entry): entry is Extract<Entry, { kind: K }> => entry.kind === kind);

const placesOf = (entries: readonly Entry[]) =>
  new Map(of(entries, 'opened').map(({ session, place }) => [session, place.slot]));

describe('a slot whose browser', () => {
  it.each([
    ['hangs', /^the browser hangs: no word from the job within 2 seconds$/],
    ['loses its page', /^the page was lost/],
    ['dies', /^Connection error/],
    ['fails its job', /^the device was lost$/],
  ])('%s: the job goes to another slot, once', async (fault, why) => {
    const at = await start({ slots: 2, seconds: 0.1, faults: { 0: fault } });
    const entries = await runOver(at, jobsNamed(['a', 'b', 'c']), { patience: 2 });
    expect(
      of(entries, 'done')
        .map(({ job }) => job)
        .toSorted(),
    ).toEqual(['a', 'b', 'c']);
    const places = placesOf(entries);
    const failed = of(entries, 'failed');
    expect(failed.length).toBeGreaterThan(0);
    for (const { job, attempt, session, why: found } of failed) {
      expect(found).toMatch(why);
      expect(attempt).toBe(1);
      expect(places.get(session!)).toBe('slot-0');
      const again = of(entries, 'done').find((done) => done.job === job)!;
      expect(places.get(again.session)).toBe('slot-1');
    }
    expect(of(entries, 'began')).toHaveLength(3 + failed.length);
    expect((await at.counts()).now).toBe(0);
  });

  it('is of another version: a row of its own, and no job is lost to it', async () => {
    const at = await start({ slots: 2, seconds: 0.1, faults: { 0: 'is of another version' } });
    const entries = await runOver(at, jobsNamed(['a', 'b', 'c']));
    expect(of(entries, 'done')).toHaveLength(3);
    const [failed] = of(entries, 'failed');
    expect(failed).toMatchObject({ why: expect.stringMatching(/is version 0\.0\.1, expected \d/) });
    expect(failed).not.toHaveProperty('job');
    expect(of(entries, 'began')).toHaveLength(3);
  });

  it('fails three times in a row is left alone', async () => {
    const at = await start({ slots: 2, seconds: 0.4, faults: { 0: 'is of another version' } });
    const entries = await runOver(at, jobsNamed([...'abcdefghijklmnop']));
    expect(of(entries, 'done')).toHaveLength(16);
    expect(of(entries, 'failed')).toHaveLength(3);
  });

  it('does not start: a row with what the Grid says', async () => {
    const at = await start({ slots: 2, seconds: 0.1, faults: { 0: 'does not start' } });
    const entries = await runOver(at, jobsNamed(['a', 'b']));
    expect(of(entries, 'done')).toHaveLength(2);
    expect(of(entries, 'failed')).toEqual([
      expect.objectContaining({
        browser: 'chrome',
        why: expect.stringContaining('only supports Chrome version 99'),
      }),
    ]);
  });
});

it('gives a job up that failed on two slots, and nothing else', async () => {
  const at = await start({ slots: 2, seconds: 0.1, faults: { 0: 'fails its job', 1: 'fails its job' } });
  const entries = await runOver(at, jobsNamed(['a']));
  expect(of(entries, 'done')).toEqual([]);
  expect(of(entries, 'failed').map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(new Set(of(entries, 'failed').map(({ session }) => placesOf(entries).get(session!))).size).toBe(2);
});

it('ends, and says why, where no slot is left', async () => {
  const faults = { 0: 'does not start' };
  const at = await start({ slots: 1, seconds: 0.1, faults });
  const entries = await runOver(at, jobsNamed(['a', 'b']), { patience: 2 });
  expect(of(entries, 'failed').filter(({ job }) => job)).toEqual([
    expect.objectContaining({ job: 'a', why: 'no slot for it within 2 seconds' }),
    expect.objectContaining({ job: 'b', why: 'no slot for it within 2 seconds' }),
  ]);
  // The Grid was asked again and again, and always said the same.
  expect(of(entries, 'failed').filter(({ browser }) => browser)).toHaveLength(1);
});

it('runs benchmarks of one machine one at a time, each on its own node, wherever the Grid opens sessions', async () => {
  // This Grid always gives its first free slot.
  const at = await start({ slots: 3, seconds: 0.2, onOneMachine: true });
  const jobs = jobsNamed(['2', '1', '0']).map((job) => ({
    ...job,
    only: { node: `http://machine:${5555 + Number(job.id)}`, kind: '{"browserName":"chrome"}' },
  }));
  const entries = await runOver(at, jobs, { alone: true });
  const places = placesOf(entries);
  expect(of(entries, 'failed')).toEqual([]);
  expect(
    of(entries, 'done')
      .map(({ job, session }) => [job, places.get(session)])
      .toSorted(),
  ).toEqual([
    ['0', 'slot-0'],
    ['1', 'slot-1'],
    ['2', 'slot-2'],
  ]);
  // From the beginning of a benchmark to its end there is no other session.
  let open = 0;
  for (const { kind } of entries) {
    if (kind === 'opened') open++;
    if (kind === 'closed') open--;
    if (kind === 'began' || kind === 'done') expect(open).toBe(1);
  }
});

describe("a benchmark beside somebody else's session", () => {
  const [job] = jobsNamed(['b']);
  const benchmark = { ...job, only: { node: 'http://machine:5556', kind: '{"browserName":"chrome"}' } };
  const asked = [{ browserName: 'chrome' }];

  it('waits', async () => {
    const at = await start({ slots: 2, seconds: 0.1, onOneMachine: true });
    const session = await new WebDriverServer(at.url).newSession(asked);
    const entries = await runOver(at, [benchmark], { alone: true, patience: 3 });
    expect(of(entries, 'opened')).toEqual([]);
    expect(of(entries, 'failed')).toEqual([
      expect.objectContaining({ why: 'no slot for it within 3 seconds' }),
    ]);
    await session.close();
  });

  it('that comes meanwhile begins anew when it has gone', async () => {
    const at = await start({ slots: 2, seconds: 4, onOneMachine: true });
    const server = new WebDriverServer(at.url);
    const entries = await runOver(at, [benchmark], {
      alone: true,
      onEntry: async (entry) => {
        if (entry.kind === 'began' && entry.attempt === 1) {
          const session = await server.newSession(asked);
          setTimeout(() => void session.close(), 3500);
        }
      },
    });
    expect(of(entries, 'failed')).toEqual([
      expect.objectContaining({ attempt: 1, why: "somebody else's session ran on the same machine" }),
    ]);
    expect(of(entries, 'done')).toHaveLength(1);
  });
});

it('ends sessions at once when it is interrupted', async () => {
  const at = await start({ slots: 5, seconds: 30 });
  const control = new AbortController();
  const begin = performance.now();
  const entries = await runOver(at, jobsNamed(['a', 'b', 'c', 'd', 'e']), {
    signal: control.signal,
    onProgress: ({ running }) => {
      if (running === 5) control.abort();
    },
  });
  expect(performance.now() - begin).toBeLessThan(10_000);
  expect(of(entries, 'failed')).toEqual([]);
  expect(of(entries, 'closed')).toHaveLength(5);
  expect(await at.counts()).toMatchObject({ most: 5, now: 0 });
});
