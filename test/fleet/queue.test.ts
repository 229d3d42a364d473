// The queue: where jobs go, how often they are tried, and that none is lost whatever happens.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TRIES, Queue, type QueuedJob, type Slot } from '../../src/fleet/queue.ts';

const slot = (id: string, machine = id, kind = 'chrome'): Slot => ({
  id,
  node: `http://${id}`,
  machine,
  kind,
});
const jobs = (...ids: string[]): QueuedJob[] => ids.map((id) => ({ id }));

/** A queue with a session, named like its slot, on each of the slots. */
function queueOn(all: readonly Slot[], of: readonly QueuedJob[], alone = false): Queue {
  const queue = new Queue(of, { alone });
  queue.setSlots(all);
  for (const each of all) queue.open(each.id, each);
  return queue;
}

describe('a queue', () => {
  it('hands jobs out in order, each to one session', () => {
    const queue = queueOn([slot('a'), slot('b')], jobs('1', '2', '3'));
    expect(queue.next('a')).toEqual({ job: { id: '1' }, attempt: 1 });
    expect(queue.next('a')).toBeUndefined();
    expect(queue.next('b')).toMatchObject({ job: { id: '2' } });
    queue.succeed('a');
    expect(queue.next('a')).toMatchObject({ job: { id: '3' } });
    expect(queue.counts).toEqual({ waiting: 0, running: 2, done: 1, failed: 0 });
  });

  it('gives a job that failed to another slot, before others', () => {
    const queue = queueOn([slot('a'), slot('b')], jobs('1', '2'));
    queue.next('a');
    expect(queue.fail('a')).toBe('again');
    expect(queue.next('a')).toMatchObject({ job: { id: '2' } });
    expect(queue.next('b')).toEqual({ job: { id: '1' }, attempt: 2 });
    expect(queue.fail('b')).toBe('given up');
    expect(queue.counts).toMatchObject({ running: 1, failed: 1 });
  });

  it('tries it on the same slot again where there is no other', () => {
    const queue = queueOn([slot('a')], jobs('1'));
    queue.next('a');
    queue.close('a');
    queue.open('a again', slot('a'));
    expect(queue.next('a again')).toMatchObject({ attempt: 2 });
  });

  it('waits for another slot that is there, although nobody has a session on it', () => {
    const queue = queueOn([slot('a')], jobs('1'));
    queue.setSlots([slot('a'), slot('b')]);
    queue.next('a');
    queue.fail('a');
    expect(queue.canWork('a')).toBe(false);
    expect(queue.next('a')).toBeUndefined();
    expect(queue.wanted([slot('a'), slot('b', 'b', 'webkit')])).toEqual(['webkit']);
  });

  it('leaves a slot alone that fails again and again', () => {
    const queue = queueOn([slot('a')], jobs('1', '2', '3', '4'));
    for (let time = 0; time < 3; time++) {
      expect(queue.next('a')).toBeDefined();
      queue.fail('a');
    }
    expect(queue.next('a')).toBeUndefined();
    expect(queue.wanted([slot('a')])).toEqual([]);
  });

  it('wants no more sessions than there are jobs, and none that would find no work', () => {
    const queue = new Queue(jobs('1', '2', '3'));
    const free = [slot('a'), slot('b'), slot('c'), slot('d')];
    queue.setSlots(free);
    expect(queue.wanted(free)).toHaveLength(3);
    expect(queue.wanted(free, new Map([['chrome', 2]]))).toHaveLength(1);
    queue.open('a', free[0]);
    expect(queue.wanted(free.slice(1), new Map([['chrome', 1]]))).toHaveLength(1);
  });

  it('gives up what waits when it is told to', () => {
    const queue = queueOn([slot('a')], jobs('1', '2', '3'));
    queue.next('a');
    expect(queue.abandon()).toEqual(jobs('2', '3'));
    expect(queue.counts).toEqual({ waiting: 0, running: 1, done: 0, failed: 2 });
    expect(queue.finished).toBe(false);
    queue.succeed('a');
    expect(queue.finished).toBe(true);
  });
});

describe('alone', () => {
  const all = [slot('a', 'one'), slot('b', 'one', 'webkit'), slot('c', 'two')];
  const own = all.map((each): QueuedJob => ({ id: each.id, only: { node: each.node, kind: each.kind } }));

  it('a machine has one job at a time, and a job its own place', () => {
    const queue = queueOn(all, own, true);
    expect(queue.next('a')).toMatchObject({ job: { id: 'a' } });
    expect(queue.next('b')).toBeUndefined();
    expect(queue.next('c')).toMatchObject({ job: { id: 'c' } });
    queue.succeed('a');
    expect(queue.next('a')).toBeUndefined();
    expect(queue.next('b')).toMatchObject({ job: { id: 'b' } });
  });

  it('one session is wanted for each machine, whatever the order of the slots', () => {
    const queue = new Queue(own, { alone: true });
    queue.setSlots(all);
    expect(queue.wanted(all)).toEqual(['chrome', 'chrome']);
    expect(queue.wanted(all.toReversed(), new Map([['webkit', 1]]))).toEqual(['chrome']);
    expect(queue.wanted(all.toReversed(), new Map([['chrome', 2]]))).toEqual([]);
  });
});

it('loses no job and tries none more than twice, whatever happens in whatever order', () => {
  const event = fc.record({
    what: fc.constantFrom('open', 'next', 'succeed', 'fail', 'close', 'slots'),
    session: fc.integer({ min: 0, max: 5 }),
    slots: fc.integer({ min: 1, max: 63 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(event, { maxLength: 200 }), (count, events) => {
      const queue = new Queue(jobs(...Array.from({ length: count }, (_, index) => String(index))));
      const tries = new Map<string, string[]>();
      const running = new Map<string, string>();
      const done = new Set<string>();
      const slots = Array.from({ length: 6 }, (_, index) => slot(String(index)));
      queue.setSlots(slots);
      for (const { what, session: number, slots: bits } of events) {
        const session = String(number);
        if (what === 'slots') queue.setSlots(slots.filter((_, index) => (bits >> index) & 1));
        if (what === 'open' && !running.has(session)) queue.open(session, slots[number]);
        if (what === 'next') {
          const turn = queue.next(session);
          if (!turn) continue;
          const { id } = turn.job;
          expect(done.has(id) || [...running.values()].includes(id)).toBe(false);
          running.set(session, id);
          tries.set(id, [...(tries.get(id) ?? []), session]);
          expect(turn.attempt).toBe(tries.get(id)!.length);
          expect(turn.attempt).toBeLessThanOrEqual(MAX_TRIES);
        }
        if (what === 'succeed') {
          queue.succeed(session);
          if (running.has(session)) done.add(running.get(session)!);
          running.delete(session);
        }
        if (what === 'fail') queue.fail(session);
        if (what === 'close') queue.close(session);
        if (what === 'fail' || what === 'close') running.delete(session);
        const { waiting, running: active, done: finished, failed } = queue.counts;
        expect(waiting + active + finished + failed).toBe(count);
        expect(active).toBe(running.size);
        expect(finished).toBe(done.size);
      }
    }),
  );
});
