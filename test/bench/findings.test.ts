// What a report comes to, in sentences: whom we are faster than, whom not, how sure and how quiet it was.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../src/bench/rendering/findings.ts';
import { toMarkdown } from '../../src/bench/rendering/report_tables.ts';
import type { BenchCase, PeerEntry } from '../../src/bench/report.ts';
import { parseReport } from '../../src/bench/schema.ts';

const spread = (median: number, p5 = median, p95 = median) => ({ median, p5, p95 });

function peer(name: string, low: number, median: number, high: number, off = 1e-7): PeerEntry {
  const ratio = { low, median, high };
  return { name, threads: 1, milliseconds: spread(median), ratio, maxAbsDifference: off };
}

function caseOf(
  milliseconds: { median: number; p5: number; p95: number },
  peers: readonly PeerEntry[],
  changed: Partial<BenchCase> = {},
): BenchCase {
  const subject = { backend: 'wasm', threads: 2, milliseconds, gflops: 1, rooflineFraction: 1 };
  return {
    suite: 'step',
    name: '784-128-10 2 threads',
    network: '784-128-10',
    batch: 128,
    subject: { ...subject, maxAbsDifference: 2.4e-6 },
    peers,
    ...changed,
  };
}

const found = (...cases: BenchCase[]) => findingsOf({ cases });

describe('the findings of a report', () => {
  it('say how many times faster, how sure that is, and that all computed the same', () => {
    const [finding] = found(
      caseOf(spread(0.83, 0.8, 0.85), [
        peer('tfjs-wasm', 21.2, 23.1, 24.9),
        peer('jax-js wasm', 11.8, 12.4, 13.7),
      ]),
    );
    expect(finding).toEqual({
      lead: 'One training step: 23 times faster than tfjs-wasm, 12 times than jax-js wasm',
      details: [
        '784-128-10, batch 128. Timed: mnist-kernels, 2 threads, 0.830 ms.',
        'With 95 % confidence: between 21 and 25 times faster than tfjs-wasm; between 12 and 14 times faster than jax-js wasm.',
        'The machine was quiet: times vary by 6 %.',
        'All give the same answers: losses within 2.4e-6 of float64 arithmetic.',
      ],
    });
  });

  it('say just as plainly where we are slower, and where nobody can tell', () => {
    const peers = [
      peer('a', 0.4, 0.5, 0.55),
      peer('b', 0.9, 1.02, 1.2),
      peer('c', 3.1, 3.2, 3.34),
      peer('d', 5, 6, 7),
      peer('e', 8, 9, 10),
      { name: 'f', error: 'no adapter' },
    ];
    const [{ lead, details }] = found(caseOf(spread(1, 1, 1.18), peers));
    expect(lead).toBe(
      'One training step: 3.2 times faster than c; 2.0 times slower than a; about as fast as b; faster than the 2 others',
    );
    expect(details[1]).toBe(
      'With 95 % confidence: between 1.82 and 2.5 times slower than a; between 1.11 times slower and 1.20 times faster than b; between 3.1 and 3.3 times faster than c.',
    );
    expect(details[2]).toBe('The machine was a little noisy: times vary by 18 %.');
    expect(details.at(-1)).toBe('f has no time: no adapter.');
  });

  it('compare floats with floats: integers are in the tables', () => {
    const inference = { suite: 'inference', batch: 128 } as const;
    const floats = [peer('litert wasm', 3, 3, 3), peer('litert wasm int8', 0.7, 0.7, 0.7)];
    const [{ lead, details }] = found(
      caseOf(spread(12), floats, { ...inference, name: '784-128-10 1 thread' }),
      caseOf(spread(4), floats, { ...inference, name: '784-128-10 int8, 1 thread' }),
    );
    expect(lead).toBe('Recognising all test images: 3.0 times faster than litert wasm');
    expect(details[0]).toContain('Timed: mnist-kernels, 1 thread, 12.0 ms');
  });

  it('do not call two alike of which nothing is known', () => {
    const [{ lead, details }] = found(
      caseOf(spread(1), [peer('a', 0.95, 1.02, 1.1), peer('tfjs-wasm', 0.33, 1.2, 5.9)]),
    );
    expect(lead).toBe('One training step: about as fast as a; too noisy to tell against tfjs-wasm');
    expect(details[1]).toContain('between 3.0 times slower and 5.9 times faster than tfjs-wasm');
  });

  it('name everybody who is faster, however many', () => {
    const peers = ['a', 'b', 'c', 'd', 'e'].map((name) => peer(name, 0.5, 0.5, 0.5));
    const [{ lead }] = found(caseOf(spread(1), peers));
    expect(lead).toMatch(/2\.0 times slower than a, 2\.0 times than b, .* than e$/);
  });

  it('are of our fastest variant that computes in float32, and hold it against no other of ours', () => {
    const slow = caseOf(spread(3), [peer('1 thread', 0.5, 0.5, 0.5), peer('tfjs-wasm', 2, 2, 2)]);
    const quick = caseOf(spread(1), [peer('2 threads', 3, 3, 3), peer('tfjs-wasm', 6, 6, 6)], {
      name: '784-128-10 1 thread',
    });
    const mixed = caseOf(spread(0.1), [], { name: '784-128-10 webgpu mixed' });
    const [finding, ...others] = found(slow, quick, mixed);
    expect(others).toEqual([]);
    expect(finding.lead).toBe('One training step: 6.0 times faster than tfjs-wasm');
    expect(finding.details.slice(0, 2)).toEqual([
      '784-128-10, batch 128. Timed: mnist-kernels, 1 thread, 1.00 ms.',
      'With 95 % confidence: 6.0 times faster.',
    ]);
  });

  it('tell interval ends apart that two figures do not', () => {
    const [{ details }] = found(caseOf(spread(1), [peer('tfjs-wasm', 23.12, 23.3, 23.41)]));
    expect(details[1]).toBe('With 95 % confidence: between 23.1 and 23.4 times faster.');
  });

  it('say that the machine was noisy, and what to do', () => {
    const [{ details }] = found(caseOf(spread(1, 1, 1.47), []));
    expect(details[1]).toBe(
      'The machine was noisy: times vary by 47 %. Run it again with nothing else at work.',
    );
    expect(details[2]).toBe('Its answers are right: losses within 2.4e-6 of float64 arithmetic.');
  });

  it('claim no answers that an older result does not tell', () => {
    const [{ details }] = found(
      caseOf(spread(1), [{ ...peer('tfjs-wasm', 2, 2, 2), maxAbsDifference: undefined }]),
    );
    expect(details.join()).not.toContain('answers');
  });

  it('tell percentiles of single calls instead of noise', () => {
    const calls = caseOf(spread(0.00639, 0.006, 0.0114), [peer('tfjs-wasm', 3, 4, 5)], {
      suite: 'inference',
      name: '784-128-10 one image, 2 threads',
      batch: 1,
    });
    const [{ lead, details }] = found({ ...calls, subject: { ...calls.subject, callsPerSample: 7 } });
    expect(lead).toBe('Recognising one image: 4.0 times faster than tfjs-wasm');
    expect(details[2]).toBe('Half of the calls take up to 6.39 µs, 95 of 100 up to 11.4 µs.');
    expect(details[3]).toMatch(/: outputs within/);
  });

  it('leave single kernels out, and keep other work apart', () => {
    const other = { name: '784-10 2 threads', network: '784-10' };
    const kernel = { suite: 'kernels', name: 'sgd (relaxed)' } as const;
    const leads = found(
      caseOf(spread(1), [], kernel),
      caseOf(spread(1), []),
      caseOf(spread(2), [], other),
    ).map(({ lead, details }) => `${lead} ${details[0]}`);
    expect(leads).toEqual([
      'One training step: 1.00 ms 784-128-10, batch 128. Timed: mnist-kernels, 2 threads.',
      'One training step: 2.00 ms 784-10, batch 128. Timed: mnist-kernels, 2 threads.',
    ]);
  });
});

it('leads the Markdown of a committed result, as it does the page', () => {
  const name = 'all-peers-2-cores-chromium.json';
  const markdown = toMarkdown(parseReport(readFileSync(`bench/results/${name}`, 'utf8'), name));
  expect(markdown).toMatch(/^.*\.\n\n- \*\*One training step: 23 times faster than tfjs-wasm, /);
  expect(markdown).toContain('\n\n| suite | case | batch |');
});

it('tells what is held of the suite memory', () => {
  const name = 'memory-2-cores-chromium.json';
  const [{ lead }] = findingsOf(parseReport(readFileSync(`bench/results/${name}`, 'utf8'), name));
  expect(lead).toBe(
    'Memory after the first training step: mnist-kernels 3.1 MB, tfjs-wasm 3.2 MB, jax-js wasm 38.3 MB, plain TypeScript 10.2 MB',
  );
});
