/**
 * What follows from an event: it is stored and logged. The place where alerts join.
 * Invariant: recording never throws; an event that cannot be stored (disk full) is in the log at least, and the
 * watching goes on.
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

export interface Effects {
  record(event: NewEvent): void;
}

export function createEffects(store: Store, log: Logger): Effects {
  return {
    record(event) {
      const { pair, host = null, kind, message, data = {} } = event;
      log[LEVELS[severityOf({ kind, data })]]({ kind, pair, host, message, data }, 'event');
      try {
        store.events.append(event);
      } catch (error) {
        log.error({ err: error, kind, pair }, 'the event could not be stored');
      }
    },
  };
}
