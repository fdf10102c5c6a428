/** What the history says of a schedule: when it was kept last, and which missed times of it were told. */

import type { EventKind } from '../store/event-kinds.ts';
import { NO_PAIR, type StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';

/** A monthly report may stand behind a month of hourly ones. */
const MOST_EVENTS = 2000;

/**
 * Time of the last report that was made for the schedule, ms since the epoch; before the first, when a daemon knew of the
 * schedule first. Reports that somebody asked for have no schedule, and may be newer.
 */
export function lastScheduled(store: Store, name: string | null): number | null {
  const dues = eventsOf(store, name, ['ReportSent', 'ReportFailed']).flatMap(numberIn('due'));
  if (dues.length > 0) return Math.max(...dues);
  const starts = store.events.list({ kinds: ['DaemonStarted'] });
  return starts.find(({ data }) => knows(data['schedules'], name))?.time ?? null;
}

/** The last missed time that an event has told, ms since the epoch; 0 where none has. */
export function toldMissed(store: Store, name: string | null): number {
  return Math.max(0, ...eventsOf(store, name, ['ReportMissed']).flatMap(numberIn('last')));
}

/** The only schedule of a file has no name, and an event that tells none is about it. */
function eventsOf(store: Store, name: string | null, kinds: readonly EventKind[]): StoredEvent[] {
  const all = store.events.list({ pair: NO_PAIR, kinds, limit: MOST_EVENTS });
  return all.filter(({ data }) => (data['schedule'] ?? null) === name);
}

const knows = (schedules: unknown, name: string | null): boolean =>
  Array.isArray(schedules) ? schedules.includes(name) : name === null;

const numberIn =
  (key: string) =>
  ({ data }: StoredEvent): number[] => {
    const value = data[key];
    return typeof value === 'number' ? [value] : [];
  };
