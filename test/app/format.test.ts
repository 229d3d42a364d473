// Numbers as the page shows them.
import { describe, expect, it } from 'vitest';
import * as format from '../../src/app/parts/format.ts';
import { withArticle } from '../../src/plural.ts';

/** With plain spaces. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('numbers', () => {
  it.each([
    [3.04, '3.0 s'],
    [9.97, '10 s'],
    [59.6, '1 min 00 s'],
    [75.2, '1 min 15 s'],
    [3600 * 2 + 60 * 3, '2 h 03 min'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%d seconds', (seconds, text) => expect(plain(format.duration(seconds))).toBe(text));

  it('shares, counts, losses and sizes', () => {
    expect(plain(format.percent(0.97834))).toBe('97.83 %');
    expect(format.count(60000)).toBe('60,000');
    expect(format.loss(0.08764)).toBe('0.0876');
    expect(format.loss(0.000012)).toBe('1.20e-5');
    expect([0, 0.0314, 0.000031].map((value) => format.roughly(value, 2))).toEqual(['0', '0.031', '3.1e-5']);
    expect([1, 0.5, 0.001, 1e-6].map((value) => format.roughly(value))).toEqual([
      '1',
      '0.5',
      '0.001',
      '1e-6',
    ]);
    expect(plain(format.float32Size(101_770))).toBe('398 KiB');
    expect(plain(format.float32Size(2 ** 20))).toBe('4.0 MiB');
    expect(format.plural(1, 'thread')).toBe('1 thread');
    expect(format.plural(2, 'thread')).toBe('2 threads');
    expect(['7', '8', '1', '11', '80', 'Ankle boot', 'Bag'].map(withArticle)).toEqual([
      'a 7',
      'an 8',
      'a 1',
      'an 11',
      'an 80',
      'an Ankle boot',
      'a Bag',
    ]);
  });
});

describe('dates', () => {
  const moment = '2026-11-25T12:03';

  it('are English, whatever language the browser names', () => {
    expect(format.date(moment)).toBe('Nov 25, 2026');
    expect(format.dateAndTime(Date.parse(moment))).toMatch(/^Nov 25, 2026, \d+:\d\d\s[AP]M$/);
  });
});
