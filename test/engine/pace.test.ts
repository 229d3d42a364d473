// Whether threads work alone or together: as the clock says, and not by one odd moment.
import { describe, expect, it } from 'vitest';
import { type Company, Pace } from '../../src/engine/wasm/pace.ts';

const PROGRAM = 'train skipping all';

/** Runs of 64 steps, where a step takes what `milliseconds` says. @returns the steps of each run that were alone */
function aloneIn(runs: number, milliseconds: (company: Company, run: number) => number): number[] {
  const pace = new Pace();
  return Array.from({ length: runs }, (_, run) => {
    let alone = 0;
    let steps = 0;
    for (const part of pace.parts(PROGRAM, 64)) {
      pace.took(PROGRAM, part, part.steps * milliseconds(part.company, run));
      steps += part.steps;
      if (part.company === 'alone') alone += part.steps;
    }
    expect(steps).toBe(64);
    return alone;
  });
}

describe('the pace of threads', () => {
  it('tries one thread for a few steps, and stays together where that is faster', () => {
    const alone = aloneIn(32, (company) => (company === 'alone' ? 2 : 1));
    expect(alone.filter((steps) => steps > 0)).toEqual([8, 8]);
  });

  it('goes on alone where helpers are in the way, and tries them again now and then', () => {
    const alone = aloneIn(64, (company) => (company === 'alone' ? 1 : 2));
    expect(alone.slice(0, 4)).toEqual([0, 8, 8, 64]);
    expect(alone.slice(4).every((steps) => steps >= 56)).toBe(true);
    expect(alone.slice(4).filter((steps) => steps === 56).length).toBeGreaterThan(2);
  });

  it('comes back together once helpers pay', () => {
    const alone = aloneIn(64, (company, run) => (company === 'together' ? (run < 16 ? 2 : 1) : 1.5));
    expect(alone.at(8)).toBe(64);
    expect(alone.slice(-10).every((steps) => steps <= 8)).toBe(true);
  });

  it('does not believe one odd moment', () => {
    const alone = aloneIn(12, (company, run) => (company === 'together' || run === 1 ? 1 : 2));
    expect(alone.every((steps) => steps <= 8)).toBe(true);
  });

  it('does not try in a run that is too short', () => {
    const pace = new Pace();
    for (let run = 0; run < 40; run++) {
      expect(pace.parts(PROGRAM, 8)).toEqual([{ steps: 8, company: 'together' }]);
      pace.took(PROGRAM, { steps: 8, company: 'together' }, 8);
    }
  });
});
