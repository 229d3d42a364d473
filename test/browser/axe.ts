// axe-core on what a tab shows.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'puppeteer-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/** Rules of WCAG 2.1, levels A and AA, that the page breaks, with the places. */
export async function violations(page: Page, rules: readonly string[] = WCAG): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in globalThis))) await page.evaluate(axe);
  const results = (await page.evaluate(
    // @ts-expect-error: axe is what the line before has defined
    (runOnly) => axe.run(document, { runOnly }),
    rules,
  )) as AxeResults;
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join('; ')}`);
}
