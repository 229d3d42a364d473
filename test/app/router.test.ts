// Addresses of the views.
import { describe, expect, it } from 'vitest';
import { formatFragment, parseFragment, VIEW_NAMES } from '../../src/app/router.ts';

describe('an address', () => {
  it.each(VIEW_NAMES)('names %s, with its state', (view) => {
    const params = new URLSearchParams({ run: 'a/b?c#d', cell: '4-9' });
    for (const each of [params, new URLSearchParams()]) {
      const route = parseFragment(formatFragment(view, each));
      expect(route.view).toBe(view);
      expect([...route.params]).toEqual([...each]);
    }
  });

  it('without a view is that of the first one', () => {
    expect(parseFragment('#backend=wasm&seed=3').view).toBe('train');
    expect(parseFragment('#backend=wasm&seed=3').params.get('seed')).toBe('3');
    expect(parseFragment('').view).toBe('train');
    expect(formatFragment('train', new URLSearchParams('seed=3'))).toBe('#seed=3');
  });

  it('of an unknown view asks nothing of the first one', () => {
    const { view, params } = parseFragment('#/zebra?seed=3');
    expect(view).toBe('train');
    expect(params.size).toBe(0);
  });
});
