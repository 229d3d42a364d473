// Memory layouts of the WASM engine: what goes in comes out, and lies where the kernels look for it.
import { describe, expect, it } from 'vitest';
import { type Packing, pack, packedBytes, unpack } from '../../src/engine/wasm/packing.ts';
import type { BufferSpec } from '../../src/network/plan.ts';

function packed(
  packing: Packing,
  shape: number[],
): { spec: BufferSpec; data: Float32Array; memory: Float32Array } {
  const spec: BufferSpec = { type: 'float32', shape, role: 'scratch' };
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i + 1);
  const memory = new Float32Array(packedBytes(packing, spec) / 4);
  pack(packing, spec, data, memory);
  return { spec, data, memory };
}

describe.each(['plain', 'panels', 'blocks', 'gradient'] as const)('%s', (packing) => {
  it.each([
    [1, 1],
    [5, 7],
    [6, 8],
    [13, 17],
    [128, 10],
  ])('gives back %i × %i', (rows, columns) => {
    const { spec, data, memory } = packed(packing, [rows, columns]);
    expect(unpack(packing, spec, memory)).toEqual(data);
  });
});

describe.each(['byte panels', 'byte blocks'] as const)('%s', (packing) => {
  it.each([
    [1, 1],
    [6, 8],
    [13, 18],
    [128, 11],
  ])('give back %i × %i', (rows, columns) => {
    const spec: BufferSpec = { type: 'int8', shape: [rows, columns], role: 'scratch' };
    const data = Int8Array.from({ length: rows * columns }, (_, i) => (i % 127) + 1);
    const memory = new Int8Array(packedBytes(packing, spec));
    pack(packing, spec, data, memory);
    expect(unpack(packing, spec, memory)).toEqual(data);
    expect(memory.filter((value) => value !== 0)).toHaveLength(data.length);
  });
});

it('takes data that end in the middle of a row', () => {
  const spec: BufferSpec = { type: 'float32', shape: [3, 10], role: 'scratch' };
  const memory = new Float32Array(packedBytes('panels', spec) / 4);
  pack('panels', spec, new Float32Array(13).fill(1), memory);
  expect(unpack('panels', spec, memory)).toEqual(Float32Array.from({ length: 30 }, (_, i) => Number(i < 13)));
});

it('keeps four inputs of a unit in one word, and eight units together', () => {
  const spec: BufferSpec = { type: 'int8', shape: [9, 6], role: 'scratch' };
  const memory = new Int8Array(packedBytes('byte panels', spec));
  pack(
    'byte panels',
    spec,
    Int8Array.from({ length: 54 }, (_, i) => i + 1),
    memory,
  );
  // Input 5 of unit 3; and input 1 of unit 8, in the second panel of two words each.
  expect(memory[4 * (1 * 8 + 3) + 1]).toBe(3 * 6 + 5 + 1);
  expect(memory[4 * (2 * 8) + 1]).toBe(8 * 6 + 1 + 1);
});

it('pads a bias to a panel with zeros', () => {
  const { spec, data, memory } = packed('vector', [10]);
  expect(unpack('vector', spec, memory)).toEqual(data);
  expect([...memory.subarray(10)]).toEqual([0, 0, 0, 0, 0, 0]);
});

it('keeps eight units of a kernel together, input by input', () => {
  const { memory } = packed('panels', [3, 10]);
  // Unit 2 of input 1, and unit 9 of input 2 in the second panel.
  expect(memory[1 * 8 + 2]).toBe(1 * 10 + 2 + 1);
  expect(memory[3 * 8 + 2 * 8 + 1]).toBe(2 * 10 + 9 + 1);
});

it('keeps six rows of an activation together, column by column', () => {
  const { memory } = packed('blocks', [7, 5]);
  expect(memory[3 * 6 + 4]).toBe(4 * 5 + 3 + 1);
  // The seventh row begins the second block, an odd number of cache lines (3 × 16 floats) further.
  expect(memory[48 + 2 * 6]).toBe(6 * 5 + 2 + 1);
});
