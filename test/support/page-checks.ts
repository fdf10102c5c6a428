/** What is asked of a page in a real browser: that axe finds nothing, and that nothing moves by itself. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe says against the page as it is. */
export async function findFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  // The answer of axe.run, as JSON.
  const { violations } = (await page.evaluate('axe.run(document)')) as AxeResults;
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
  );
}

const WATCH_SHIFTS = `
  globalThis.shifted = { value: 0, moved: [] };
  const nameOf = ({ node }) => node?.className || node?.nodeName || '?';
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      globalThis.shifted.value += value;
      globalThis.shifted.moved.push(value.toFixed(4) + ' ' + sources.map(nameOf).join(', '));
    }
  }).observe({ type: 'layout-shift' });
`;

export interface Shifts {
  /** https://web.dev/articles/cls, from then on. */
  readonly value: number;
  /** What moved, for whoever has to find out why. */
  readonly moved: readonly string[];
}

/** Adds up what moves from now on without anybody having touched the page. */
export async function watchShifts(page: Page): Promise<() => Promise<Shifts>> {
  await page.evaluate(WATCH_SHIFTS);
  return async () => (await page.evaluate('globalThis.shifted')) as Shifts;
}
