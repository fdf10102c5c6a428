/**
 * Keeps the rows of the outages true: written when one ends, and again when more is known of it, as when a host that
 * was lost comes back with the decisions of its guard. Tells each outage once, when what belongs to it has come in.
 */

import type { OutageView } from '../../shared/api/history.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import { AFFECTED_MS, ENDING_KINDS, OUTAGE_KINDS, readOutage } from './outages.ts';
import type { PairBoard } from './pair-board.ts';

export interface OutageKeeperOptions {
  readonly board: PairBoard;
  readonly store: Store;
  readonly log: Logger;
  readonly onOutage: (outage: OutageView) => void;
}

/** The silence of a host is told 3 s after its last heartbeat. */
const SETTLED_MS = 5000;

/** Returns the stop. */
export function keepOutages({ board, store, log, onOutage }: OutageKeeperOptions): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const write = (event: StoredEvent | null): void => {
    if (event === null) return;
    attempt(log, () => {
      const outage = readOutage(store, event);
      if (outage !== null) store.outages.put(event.pair, outage);
    });
  };
  const writeAgain = (pair: string, from: number, to: number): void => {
    const ids = store.outages.endedBetween(pair, from - AFFECTED_MS.before, to + AFFECTED_MS.after);
    for (const id of ids) write(store.events.get(id));
  };
  const tellLater = (event: StoredEvent): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const outage = readOutage(store, event);
      if (outage !== null) onOutage(outage);
    }, SETTLED_MS);
    timers.add(timer);
  };
  // What ended while nobody kept them, as before an upgrade.
  attempt(log, () => {
    const missing = store.events.list({ kinds: ENDING_KINDS, sinceId: store.outages.lastId() });
    const outages = missing.map((event) => [event.pair, readOutage(store, event)] as const);
    store.outages.putAll(outages.flatMap(([pair, outage]) => (outage === null ? [] : [[pair, outage]])));
  });
  const stopListening = board.listen({
    eventStored: (event) => {
      if (ENDING_KINDS.includes(event.kind)) {
        write(event);
        tellLater(event);
      } else if (OUTAGE_KINDS.includes(event.kind)) writeAgain(event.pair, event.time, event.time);
    },
    decisionsStored: writeAgain,
  });
  return () => {
    stopListening();
    for (const timer of timers) clearTimeout(timer);
  };
}

/** What cannot be stored (a full disk) is stored when it is looked at again, at the next start at the latest. */
function attempt(log: Logger, work: () => void): void {
  try {
    work();
  } catch (error) {
    log.warn({ err: error }, 'outages could not be stored');
  }
}
