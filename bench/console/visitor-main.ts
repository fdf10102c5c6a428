/** Visits pages of the console with a real Chromium and tells how fast they were there. Its settings are its first message: they have a token. */

import { once } from 'node:events';
import { launchBrowser } from '../../test/support/browser.ts';
import { type Visit, type VisitFigures, visit } from './visit.ts';

export interface VisitorSettings {
  readonly pages: Readonly<Record<string, Visit>>;
  readonly runs: number;
}

/** Visits by page, in their order; or why there are none. */
export type VisitorAnswer =
  | { readonly figures: Readonly<Record<string, readonly VisitFigures[]>> }
  | { readonly failure: string };

const { pages, runs } = (await once(process, 'message'))[0] as VisitorSettings; // The bench's own.

async function visitAll(): Promise<VisitorAnswer> {
  await using browser = await launchBrowser();
  const figures: Record<string, VisitFigures[]> = {};
  for (let run = 0; run < runs; run += 1)
    for (const [page, wish] of Object.entries(pages)) {
      figures[page] ??= [];
      figures[page].push(await visit(browser, wish));
    }
  return { figures };
}

process.send?.(await visitAll().catch((error: unknown): VisitorAnswer => ({ failure: String(error) })));
process.disconnect?.();
