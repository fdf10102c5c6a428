/** Times without the VIP, from the events: when, how long, why, and what the takeover took. Pure. */

import type { OutageView } from '../../shared/api/history.ts';
import { failoversOf } from '../report/health.ts';
import type { EventKind } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';

/** What is told so shortly before a move of the VIP is its cause; so shortly after it, its takeover. */
const CAUSE_MS = 30_000;
const TAKEOVER_MS = 10_000;

/** What outages are told from. */
export const OUTAGE_KINDS: readonly EventKind[] = [
  ...(['VipMoved', 'VipRestored', 'DrillStarted', 'DrillFinished'] as const),
  ...(['AgentLost', 'AgentBack', 'ServerDown', 'ServerUp', 'RoleChanged'] as const),
];

/** `events` of one pair, oldest first. Oldest first. */
export function outagesOf(events: readonly StoredEvent[]): OutageView[] {
  return events.flatMap((event) => outageOf(event, events) ?? []);
}

/** Null where the event ended no outage. `events` are those around it. */
export function outageOf(event: StoredEvent, events: readonly StoredEvent[]): OutageView | null {
  if (event.kind !== 'VipMoved' && event.kind !== 'VipRestored') return null;
  const [failover] = failoversOf([...events.filter(isDrillBefore(event)), event]);
  if (failover === undefined) return null;
  const { from, to, gapMs, drill } = failover;
  return {
    ...{ id: event.id, from, to, began: gapMs === null ? null : Math.round(event.time - gapMs) },
    ...{ ended: event.time, gapMs },
    cause: drill ? 'drill' : causeOf(event, from, events),
    phases: phasesOf(event, to, events),
  };
}

const isDrillBefore =
  (event: StoredEvent) =>
  ({ id, kind }: StoredEvent): boolean =>
    id < event.id && (kind === 'DrillStarted' || kind === 'DrillFinished');

function causeOf(event: StoredEvent, from: string, events: readonly StoredEvent[]): OutageView['cause'] {
  const near = events.filter(({ time, host }) => host === from && Math.abs(time - event.time) <= CAUSE_MS);
  if (isUnmended(near, event, 'AgentLost', 'AgentBack')) return 'host-lost';
  if (isUnmended(near, event, 'ServerDown', 'ServerUp')) return 'server-down';
  return near.some(({ kind, data }) => kind === 'RoleChanged' && data['to'] === 'standby')
    ? 'planned'
    : 'unknown';
}

/** It happened, and was not over already when the VIP moved. */
function isUnmended(
  near: readonly StoredEvent[],
  moved: StoredEvent,
  bad: EventKind,
  good: EventKind,
): boolean {
  const last = near.findLast(({ kind, data }) => kind === bad && data['consequence'] !== true);
  if (last === undefined) return false;
  return !near.some(({ id, kind, time }) => kind === good && id > last.id && time < moved.time);
}

function phasesOf(event: StoredEvent, to: string, events: readonly StoredEvent[]): OutageView['phases'] {
  const told = events.find(
    ({ kind, host, time }) =>
      kind === 'RoleChanged' && host === to && Math.abs(time - event.time) <= TAKEOVER_MS,
  );
  const phases = told?.data['phases'];
  // A guard's lastPromotion, checked with its heartbeat.
  return typeof phases === 'object' && phases !== null ? (phases as Record<string, number>) : null;
}
