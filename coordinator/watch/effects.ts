/**
 * What follows from an event: it is logged and stored. The place where alerts join.
 * Invariants: recording never throws; an event that cannot be stored (disk full) is in the log at least, and the
 * watching goes on. A single event is stored when `record` returns. Of many at once, as when a thousand hosts fall
 * silent together, those after the first wait for at most GROUP_MS and are stored by one write: each write waits for the
 * disk, and the whole daemon with it, the witness of all pairs included.
 */

import type { Logger } from '../../shared/runtime/logger.ts';
import { type Severity, severityOf } from '../store/event-kinds.ts';
import type { NewEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';

const LEVELS: Record<Severity, 'info' | 'warn' | 'error'> = {
  ok: 'info',
  info: 'info',
  warning: 'warn',
  critical: 'error',
};

const GROUP_MS = 100;

export interface Effects {
  record(event: NewEvent): void;
  /** Stores what waits; called before the store closes. */
  settle(): void;
}

export function createEffects(store: Store, log: Logger): Effects {
  let waiting: NewEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;
  const settle = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const events = waiting;
    waiting = [];
    if (events.length === 0) return;
    try {
      store.events.appendAll(events);
    } catch (error) {
      for (const { kind, pair } of events)
        log.error({ err: error, kind, pair }, 'the event could not be stored');
    }
    writtenAt = performance.now();
  };
  return {
    settle,
    record(event) {
      const { pair, host = null, kind, message, data = {} } = event;
      log[LEVELS[severityOf({ kind, data })]]({ kind, pair, host, message, data }, 'event');
      waiting.push({ time: Date.now(), ...event });
      if (performance.now() - writtenAt >= GROUP_MS) settle();
      else timer ??= setTimeout(settle, GROUP_MS);
    },
  };
}
