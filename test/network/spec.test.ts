// The network's text form, and the limits that are refused before anything is allocated.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import {
  checkFit,
  checkNetwork,
  countParameters,
  fitNetwork,
  formatNetwork,
  hasAuto,
  LIMITS,
  layersOf,
  parseNetwork,
  resolveAuto,
} from '../../src/network/spec.ts';

/** The one line with which a network is refused. */
function refusal(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('the network was accepted');
}

describe('parseNetwork', () => {
  it.each(['784-128-10', '784-64-32-10', '1-2', '20-8-3'])('reads %s and writes it again', (text) => {
    const network = parseNetwork(text);
    expect(network.widths).toEqual(text.split('-').map(Number));
    expect(formatNetwork(network)).toBe(text);
  });

  it.each([
    '',
    '784',
    '784-',
    '-784-10',
    '784--128-10',
    '784-12.5-10',
    '784-1e3-10',
    '784 128 10',
    'a-b',
    '784–10',
  ])('refuses "%s" with an example of what is accepted', (text) => {
    expect(refusal(() => parseNetwork(text))).toMatch(/^network ".*": expected .*784-128-10$/);
  });

  it.each(['784-0-10', '0-10', '784-128-0'])('refuses the layer of 0 units in %s', (text) => {
    expect(refusal(() => parseNetwork(text))).toContain(`a layer of 0 units; expected a whole number from 1`);
  });

  it.each([
    ['784-1000000000-10', '1000000000'],
    ['784-65537-10', '65537'],
    ['1000000000-10', '1000000000'],
  ])('names the limit of units that %s crosses', (text, units) => {
    expect(refusal(() => parseNetwork(text))).toContain(
      `a layer of ${units} units; expected a whole number from 1 to ${LIMITS.units}`,
    );
  });

  it('takes the widest layer that the limit allows', () => {
    expect(parseNetwork(`10-${LIMITS.units}-10`).widths[1]).toBe(65_536);
  });
});

describe('checkNetwork', () => {
  it.each([[-5], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY]])('refuses a layer of %d units', (units) => {
    expect(refusal(() => checkNetwork({ widths: [784, units, 10] }))).toContain(`a layer of ${units} units`);
  });

  it('refuses fewer than two classes', () => {
    expect(refusal(() => checkNetwork({ widths: [784, 128, 1] }))).toContain('at least 2 classes');
  });

  it.each([[[]], [[784]]])('refuses widths %j', (widths) => {
    expect(refusal(() => checkNetwork({ widths }))).toContain('expected at least inputs and classes');
  });

  it('refuses one layer more than the limit, and takes the limit', () => {
    const deep = (layers: number) => ({ widths: new Array<number>(layers + 1).fill(4) });
    expect(checkNetwork(deep(LIMITS.layers)).widths).toHaveLength(33);
    expect(refusal(() => checkNetwork(deep(LIMITS.layers + 1)))).toContain('33 layers, the limit is 32');
  });

  it('refuses one parameter more than the limit, and takes the limit', () => {
    // (16383 + 1) · 16384 = 2²⁸ parameters, and with one input more 16384 more.
    expect(countParameters(checkNetwork({ widths: [16_383, 16_384] }))).toBe(LIMITS.parameters);
    expect(refusal(() => checkNetwork({ widths: [16_384, 16_384] }))).toContain(
      '268451840 parameters, the limit is 268435456',
    );
  });
});

describe('checkFit', () => {
  const shapes = { name: 'shapes', width: 5, height: 4, classes: 3 };

  it('takes a network that reads the pixels and tells the classes', () => {
    expect(() => checkFit({ widths: [20, 8, 3] }, shapes)).not.toThrow();
  });

  it.each([[[21, 8, 3]], [[20, 8, 4]], [[784, 10]]])('refuses widths %j', (widths) => {
    expect(refusal(() => checkFit({ widths }, shapes))).toContain(
      'shapes has 5×4 pixels and 3 classes, expected 20-…-3',
    );
  });
});

describe('layersOf', () => {
  it('numbers the layers from the pixels on', () => {
    expect(layersOf({ widths: [784, 128, 10] })).toEqual([
      { index: 0, inputs: 784, units: 128 },
      { index: 1, inputs: 128, units: 10 },
    ]);
  });

  it('holds the parameters that are counted', () => {
    expect(countParameters({ widths: [784, 128, 10] })).toBe(784 * 128 + 128 + 128 * 10 + 10);
  });
});

describe('a network that leaves widths to the data', () => {
  const letters = { name: 'letters', width: 28, height: 20, classes: 26 };

  it.each([
    ['auto-128-auto', '560-128-26'],
    ['784-128-auto', '784-128-26'],
    ['auto-64-32-10', '560-64-32-10'],
    ['auto-auto', '560-26'],
    ['784-128-10', '784-128-10'],
    ['auto', 'auto'],
    ['', ''],
  ])('%s is %s', (text, resolved) => {
    expect(resolveAuto(text, letters)).toBe(resolved);
    expect(hasAuto(text)).toBe(text.includes('auto'));
  });

  it('has numbers for its hidden layers', () => {
    expect(refusal(() => resolveAuto('auto-auto-auto', letters))).toMatch(
      /^network "auto-auto-auto": auto is the first width, .*expected a number for each hidden layer$/,
    );
  });

  it('is what a recipe becomes', () => {
    expect(fitNetwork('784-128-64-10', letters)).toBe('560-128-64-26');
    expect(fitNetwork('784-10', letters)).toBe('560-26');
  });
});
