// The address of the laboratory, and a text that travels in it.
import { describe, expect, it } from 'vitest';
import { MAX_TEXT, packText, unpackText } from '../../src/app/kernels/packed_text.ts';
import { fromParams, sharedIn, toParams } from '../../src/app/kernels/place.ts';
import { formatFragment, parseFragment } from '../../src/app/router.ts';
import { WGSL_SOURCES } from '../../src/engine/webgpu/shader_sources.ts';

const read = (address: string) => fromParams(parseFragment(address).params);

describe('the address of the laboratory', () => {
  it.each([
    '#/kernels/dense_forward',
    '#/kernels/sgd?shape=4099&inputs=edges',
    '#/kernels/dense_backward_weight?variant=64x64&engine=wasm',
    '#/kernels/dense_forward?step=3',
  ])('%s says what is shown, and is made of it again', (address) => {
    expect(decodeURIComponent(formatFragment('kernels', toParams(read(address))))).toBe(address);
  });

  it('leaves out what it does not know', () => {
    expect(read('#/kernels/matmul?variant=7&shape=2x2&inputs=none&engine=cuda&step=9')).toEqual({
      kernel: 'dense_forward',
      shape: '128×784→128, relu',
      inputs: 'random',
    });
    expect(read('#/kernels/sgd?step=2').step).toBeUndefined();
  });

  it('brings a text', () => {
    const params = toParams(read('#/kernels/sgd'), { packed: 'abc', all: true });
    expect(sharedIn(params)).toEqual({ packed: 'abc', all: true });
    expect(sharedIn(toParams(read('#/kernels/sgd')))).toBeUndefined();
  });
});

describe('a text in an address', () => {
  it.each(Object.entries(WGSL_SOURCES))('%s is the same afterwards, and short enough', async (_, text) => {
    const packed = await packText(text);
    expect(packed).toMatch(/^[\w-]+$/);
    expect(packed.length).toBeLessThan(6000);
    expect(await unpackText(packed)).toBe(text);
  });

  it('has any characters', async () => {
    const text = '// ε ≥ 0, 字, 🙂\n\t"\'&#?%';
    expect(await unpackText(await packText(text))).toBe(text);
    expect(await unpackText(await packText(''))).toBe('');
  });

  it('that is none, or cut off, cannot be read', async () => {
    const packed = await packText('some text');
    for (const broken of ['%%%', 'abc', packed.slice(0, -4), `${packed.slice(0, 4)}x${packed.slice(4)}`])
      await expect(unpackText(broken), broken).rejects.toThrow('the text in the address cannot be read');
  });

  it('that would be too long is not unpacked', async () => {
    const packed = await packText('a'.repeat(50_000_000));
    expect(packed.length).toBeLessThan(100_000);
    await expect(unpackText(packed)).rejects.toThrow(`more than ${MAX_TEXT.toLocaleString('en')} characters`);
  });
});
