/** What follows from an event: it is stored and logged. The place where alerts join. */

import type { Logger } from '../../shared/runtime/logger.ts';
import { type Severity, severityOf } from '../store/event-kinds.ts';
import type { NewEvent, StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';

const LEVELS: Record<Severity, 'info' | 'warn' | 'error'> = {
  ok: 'info',
  info: 'info',
  warning: 'warn',
  critical: 'error',
};

export interface Effects {
  record(event: NewEvent): StoredEvent;
}

export function createEffects(store: Store, log: Logger): Effects {
  return {
    record(event) {
      const stored = store.events.append(event);
      const { id, pair, host, kind, message, data } = stored;
      log[LEVELS[severityOf(stored)]]({ event: id, kind, pair, host, message, data }, 'event');
      return stored;
    },
  };
}
