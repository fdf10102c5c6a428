/** One visit to a page in a fresh session of Chromium, traced from the navigation on. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { type PageFigures, readTrace, SETTLED, TRACE_CATEGORIES } from './page-trace.ts';

export interface Visit {
  readonly url: string;
  /** What the session storage has before the page runs. */
  readonly stored: Readonly<Record<string, string>>;
  /** Selector of what is there once the page shows what was asked for. */
  readonly sign: string;
  /** How long the page is then left to itself. */
  readonly watchMs: number;
}

export interface VisitFigures extends PageFigures {
  /** What came over the wire for the page itself, its live feed apart, in bytes. */
  readonly bytes: number;
}

const SIGN_MS = 20_000;

export async function visit(browser: Browser, wish: Visit): Promise<VisitFigures> {
  const { url, stored, sign, watchMs } = wish;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript((entries) => {
      for (const [key, value] of Object.entries(entries)) sessionStorage.setItem(key, value);
    }, stored);
    await browser.startTracing(page, { categories: TRACE_CATEGORIES });
    await page.goto(url);
    await page.locator(sign).first().waitFor({ timeout: SIGN_MS });
    const bytes = Number(await page.evaluate(BYTES));
    await page.evaluate(`performance.mark('${SETTLED}')`);
    await delay(watchMs);
    return { ...readTrace((await browser.stopTracing()).toString('utf8')), bytes };
  } finally {
    await context.close();
  }
}

const BYTES = `['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)`;
