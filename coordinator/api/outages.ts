/** Times without the VIP, from the events and the guards' decisions: when, how long, why, and what the takeover took. */

import type { OutageView } from '../../shared/api/history.ts';
import { findTakeover } from '../explain/takeover.ts';
import { failoversOf } from '../report/health.ts';
import type { StoredDecision } from '../store/decisions.ts';
import type { EventKind } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import { gapWords } from '../watch/event-words.ts';
import { gapOf } from '../watch/vip-absence.ts';
import { CAUSE_MS, causeOf } from './outage-cause.ts';
import { outageInterval, TAKEOVER_MS } from './outage-interval.ts';
import { toldAbsence } from './told-absence.ts';

/** What led to it may have begun so long before: a drill, or the absence itself. */
const BEFORE_MS = 600_000;

/** The kinds by which an outage ends. */
export const ENDING_KINDS: readonly EventKind[] = ['VipMoved', 'VipRestored'];
/** What outages are told from. */
export const OUTAGE_KINDS: readonly EventKind[] = [
  ...ENDING_KINDS,
  ...(['DrillStarted', 'DrillFinished'] as const),
  ...(['AgentLost', 'AgentBack', 'ServerDown', 'ServerUp', 'RoleChanged'] as const),
];

/** Outages that ended within this around something may be told otherwise because of it. */
export const AFFECTED_MS = { before: CAUSE_MS, after: BEFORE_MS } as const;

/** What the store knows by now of the outage that the event ended; null where it ended none. */
export function readOutage(store: Store, event: StoredEvent): OutageView | null {
  if (!ENDING_KINDS.includes(event.kind)) return null;
  const { pair, time } = event;
  const [first, last] = [time - BEFORE_MS, time + CAUSE_MS];
  const events = store.events.list({ pair, kinds: OUTAGE_KINDS, sinceTime: first, untilTime: last });
  return outageOf(event, events, store.decisions.between(pair, first, last));
}

/** Null where the event ended no outage. `events` and `decisions` are those of the pair around it, oldest first. Pure. */
export function outageOf(
  event: StoredEvent,
  events: readonly StoredEvent[],
  decisions: readonly StoredDecision[],
): OutageView | null {
  if (!ENDING_KINDS.includes(event.kind)) return null;
  const [failover] = failoversOf([...events.filter(isDrillBefore(event)), event]);
  if (failover === undefined) return null;
  const { from, to, drill } = failover;
  return {
    ...{ id: event.id, from, to, ...outageInterval(event, { events, decisions }) },
    ...causeOf({ event, from, drill, events, decisions }),
    phases: phasesOf(event, to, events, decisions),
  };
}

/** The event with the figures of its outage, so that both tell the same; null where it has them already. Pure. */
export function correctedEvent(event: StoredEvent, outage: OutageView): StoredEvent | null {
  const { began, ended, gapMs, gapFrom } = outage;
  const { data, kind } = event;
  const figures = { [kind === 'VipMoved' ? 'gapMs' : 'missingMs']: gapMs, gapFrom, began, ended };
  const told = toldAbsence(event);
  const { began: first, ended: last } = gapOf(told);
  const known = { began: first, ended: last, ...data };
  if (known.began === began && known.ended === ended) return null;
  const message = event.message.replace(/(; nobody had it for [^;]*)?\.$/, `${gapWords(outage)}.`);
  return { ...event, message, data: { ...data, ...figures, told } };
}

const isDrillBefore =
  (event: StoredEvent) =>
  ({ id, kind }: StoredEvent): boolean =>
    id < event.id && (kind === 'DrillStarted' || kind === 'DrillFinished');

/** The guard's own figures; where its role was told before it had them, what its decisions show. */
function phasesOf(
  event: StoredEvent,
  to: string,
  events: readonly StoredEvent[],
  decisions: readonly StoredDecision[],
): OutageView['phases'] {
  const told = events.find(
    ({ kind, host, time }) =>
      kind === 'RoleChanged' && host === to && Math.abs(time - event.time) <= TAKEOVER_MS,
  );
  const phases = told?.data['phases'];
  // A guard's lastPromotion, checked with its heartbeat.
  if (typeof phases === 'object' && phases !== null) return phases as Record<string, number>;
  const own = decisions.filter(({ host, time }) => host === to && Math.abs(time - event.time) <= TAKEOVER_MS);
  const takeover = findTakeover(own, events, event.time);
  return takeover === null || takeover.opened === null ? null : takeover.phases;
}
