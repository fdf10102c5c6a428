/** The console bench: how soon a real Chromium shows its pages, and that nothing on them moves while heartbeats come in. */

import { fileURLToPath } from 'node:url';
import { waitFor } from '../shared/runtime/wait-for.ts';
import { noBrowser } from '../test/support/browser.ts';
import type { Visit, VisitFigures } from './console/visit.ts';
import type { VisitorAnswer, VisitorSettings } from './console/visitor-main.ts';
import { openBenchRoom } from './pairs/bench-room.ts';
import { LISTEN_PORT } from './pairs/fleet.ts';
import { startFleet } from './pairs/watched-fleet.ts';

export interface ConsoleResult {
  readonly page: string;
  readonly visits: readonly VisitFigures[];
}

export interface ConsoleDocument {
  readonly bench: 'console';
  readonly pairs: number;
  /** How long each page was watched once it was there. */
  readonly seconds: number;
  readonly results: readonly ConsoleResult[];
}

export interface ConsoleOptions {
  readonly runs: number;
  readonly seconds: number;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const VISITOR = fileURLToPath(new URL('./console/visitor-main.ts', import.meta.url));
const PAIRS = 100;
const URL_OF_ALL = `http://127.0.0.1:${LISTEN_PORT}/`;
/** Of one visit, beside the time of watching. */
const VISIT_MS = 30_000;

export async function benchConsole(options: ConsoleOptions): Promise<ConsoleDocument> {
  const { runs, seconds, log, signal } = options;
  if (noBrowser !== false) throw new Error(`the console bench looks at pages, and ${noBrowser}`);
  await using room = await openBenchRoom();
  log(`starting ${2 * PAIRS} simulated hosts and a coordinator`);
  const { token, daemon } = await startFleet(room, { pairs: PAIRS, guards: 'none', signal });
  const pages = pagesOf(token, seconds * 1000);
  const settings: VisitorSettings = { pages, runs };
  log(`visiting ${Object.keys(pages).length} pages, ${runs} times each`);
  const visitor = room.start(VISITOR);
  visitor.child.send(settings);
  const answer = await waitFor(
    'the visits',
    () => {
      for (const [name, { child }] of Object.entries({ daemon, visitor }))
        if (child.exitCode !== null && visitor.messages.length === 0)
          throw new Error(`the ${name} ended with code ${child.exitCode}`);
      return visitor.messages[0] as VisitorAnswer | undefined; // What the visitor tells.
    },
    { deadlineMs: runs * Object.keys(pages).length * (VISIT_MS + seconds * 1000), signal },
  );
  if ('failure' in answer) throw new Error(`not every page was shown: ${answer.failure}`);
  const results = Object.entries(answer.figures).map(([page, visits]) => ({ page, visits }));
  return { bench: 'console', pairs: PAIRS, seconds, results };
}

/** A tab that is signed in has its token in the session storage. */
function pagesOf(token: string, watchMs: number): Record<string, Visit> {
  const signedIn = { stored: { 'hotpair.token': token }, watchMs };
  return {
    'signing in': { url: URL_OF_ALL, stored: {}, sign: '#token', watchMs },
    'all pairs': { ...signedIn, url: URL_OF_ALL, sign: 'main table' },
    'one pair': { ...signedIn, url: `${URL_OF_ALL}#/pairs/p0`, sign: '.plots figure canvas' },
  };
}
