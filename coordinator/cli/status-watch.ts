/** `coordinator status --watch`: a screen to leave open, with all pairs, the worst first, and what happened last. */

import { setTimeout as delay } from 'node:timers/promises';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { EventQuery, StoredEvent } from '../store/event-log.ts';
import { openStore, type Store } from '../store/open-store.ts';
import type { Cli } from './frame.ts';
import { openLiveScreen } from './watch/live-screen.ts';
import { feedPair, type History } from './watch/pair-feed.ts';
import { renderPicture } from './watch/picture.ts';

const REDRAW_MS = 1000;
const EVENTS = 20;
const MEMORY_EVENTS = 1000;

/** Until Ctrl-C. The agents are asked; the history is that of the store, where it can be read. */
export async function watchPairs(cli: Cli, spec: HotpairSpec, pairs: readonly PairSpec[]): Promise<void> {
  const { signal, output } = cli;
  const { list, close } = readHistory(spec);
  const feeds = pairs.map((pair) => feedPair(spec, pair, historyOf(pair, list), signal));
  let redraw = new AbortController();
  const screen = openLiveScreen(() => redraw.abort());
  try {
    while (!signal.aborted) {
      const found = feeds.map((feed) => feed.view());
      const events = list({ ...(pairs.length === 1 ? { pair: pairs[0]?.name ?? '' } : {}), limit: EVENTS });
      const { columns, rows } = screen;
      screen.draw(
        renderPicture({ pairs: found, events, now: Date.now() }, { columns, rows, style: output.style }),
      );
      redraw = new AbortController();
      const stop = AbortSignal.any([signal, redraw.signal]);
      await delay(REDRAW_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  } finally {
    screen.close();
    await Promise.all(feeds.map((feed) => feed.done));
    close();
  }
}

interface ReadHistory {
  readonly list: (query: EventQuery) => readonly StoredEvent[];
  readonly close: () => void;
}

/** Who may not read the store sees the pairs all the same. */
function readHistory({ coordinator: { data } }: HotpairSpec): ReadHistory {
  let store: Store | null = null;
  try {
    store = openStore(data, () => undefined);
  } catch {
    return { list: () => [], close: () => undefined };
  }
  const { events, close } = store;
  return { list: (query) => events.list(query), close };
}

const historyOf =
  ({ name }: PairSpec, list: ReadHistory['list']): History =>
  (kinds, sinceTime) =>
    list({ pair: name, kinds, sinceTime, limit: MEMORY_EVENTS });
