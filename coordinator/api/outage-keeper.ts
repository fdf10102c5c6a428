/**
 * Keeps the rows of the outages true: written when one ends, and again when more is known of it, as when a host that
 * was lost comes back with the decisions of its guard. The event that told its end gets the same figures. Tells each outage once, when what belongs to it has come in and
 * the store has taken it.
 */

import type { OutageView } from '../../shared/api/history.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createAttempt } from '../store/attempt.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import { AFFECTED_MS, correctedEvent, ENDING_KINDS, OUTAGE_KINDS, readOutage } from './outages.ts';
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
  const attempt = createAttempt(log, 'outages could not be stored; it is tried again');
  const correct = (event: StoredEvent, outage: OutageView): void => {
    const corrected = correctedEvent(event, outage);
    if (corrected === null) return;
    store.events.correct(corrected);
    board.correct(corrected);
  };
  const write = (event: StoredEvent): OutageView | null => {
    const outage = readOutage(store, event);
    if (outage === null) return null;
    correct(event, outage);
    store.outages.put(event.pair, outage);
    return outage;
  };
  const writeAgain = (pair: string, from: number, to: number): void => {
    attempt(() => {
      const ids = store.outages.endedBetween(pair, from - AFFECTED_MS.before, to + AFFECTED_MS.after);
      for (const event of ids.map((id) => store.events.get(id))) if (event !== null) write(event);
    });
  };
  const tellLater = (event: StoredEvent): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const told = attempt(() => {
        // The store may have been begun anew meanwhile.
        const outage = store.events.get(event.id)?.time === event.time ? write(event) : null;
        if (outage !== null) onOutage(outage);
      });
      if (!told) tellLater(event);
    }, SETTLED_MS);
    timers.add(timer);
  };
  // What ended while nobody kept them, as before an upgrade.
  attempt(() => {
    const missing = store.events.list({ kinds: ENDING_KINDS, sinceId: store.outages.lastId() });
    const outages = missing.flatMap((event) => {
      const outage = readOutage(store, event);
      if (outage !== null) correct(event, outage);
      return outage === null ? [] : [[event.pair, outage] as const];
    });
    store.outages.putAll(outages);
  });
  const stopListening = board.listen({
    eventStored: (event) => {
      if (ENDING_KINDS.includes(event.kind)) {
        attempt(() => write(event));
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
