// Once a training has its images the page holds the engine's copy of them, which everything else there takes.
import { describe, expect, it } from 'vitest';
import { fill, openReady, press, SHORT, text, trained, visit, waitForText } from './page_steps.ts';
import { sharedSite, TESTED_BROWSERS } from './setup.ts';

describe.each(TESTED_BROWSERS)('in %s', (name) => {
  it.each([1, 2])(
    'images of a training on %i threads are shown, and trained on by every engine',
    async (threads) => {
      const fragment = `#backend=wasm&threads=${threads}&network=784-16-10&epochs=1`;
      const { page, errors } = await openReady(name, `${await sharedSite()}${fragment}`);
      await press(page, '#train');
      const first = await trained(page);
      await visit(page, '#/results');
      await waitForText(page, '#results-gallery-title', 'mistakes');
      const shades = await page.$$eval('.gallery canvas', (canvases) =>
        canvases.map((canvas) => {
          const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 28, 28);
          return data.reduce((sum, value) => sum + value, 0);
        }),
      );
      expect(new Set(shades).size).toBeGreaterThan(10);
      await visit(page, fragment);
      await press(page, '#train');
      expect(await trained(page)).toBe(first);
      for (const backend of ['webgpu', 'tfjs']) {
        await visit(page, `#backend=${backend}`);
        await fill(page, SHORT);
        await press(page, '#train');
        expect(await trained(page)).toBeGreaterThan(80);
        expect((await text(page, '#ran-on')).split(',')[0]).toBe(backend);
      }
      expect(errors).toEqual([]);
      await page.close();
    },
  );
});
