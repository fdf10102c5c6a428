/**
 * Why nobody had the VIP: a decision table over what the guard of the host that lost it decided, and over what was
 * seen of that host. A guard knows what it did and why, even of what was over before a heartbeat could meet it, so its
 * word comes first; of a host that is silent only what others saw is known. Pure.
 */

import type { OutageCause, OutageView } from '../../shared/api/history.ts';
import type { StoredDecision } from '../store/decisions.ts';
import type { EventKind } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { toldAbsence } from './told-absence.ts';

export interface CauseContext {
  /** The move of the VIP, or its return. */
  readonly event: StoredEvent;
  /** The host that had the VIP. */
  readonly from: string;
  readonly drill: boolean;
  /** Of the pair around the event, each oldest first. */
  readonly events: readonly StoredEvent[];
  readonly decisions: readonly StoredDecision[];
}

type Evidence = OutageView['because'];

interface CauseRow {
  readonly cause: OutageCause;
  readonly reason: string;
  /** The evidence; null where the row does not apply. */
  readonly find: (context: CauseContext) => { readonly because: Evidence } | null;
}

/** What is told so shortly around a move of the VIP belongs to it. */
export const CAUSE_MS = 30_000;
/** Between a decision and the heartbeat that shows where the VIP went; the hosts' clocks are known to some 100 ms. */
const CLOCKS_MS = 1000;
const SERVING: readonly string[] = ['PRIMARY_SYNC', 'PRIMARY_SOLO', 'DRAINING'];
/** Rows of shared/pair/table by which a primary stops serving. */
const LEAVING: readonly string[] = ['P1', 'P2', 'P3', 'P6', 'P7', 'P8', 'X1', 'N2'];

/** In this order: an intention explains what was done for it, and a decision of the guard what others saw of it. */
const CAUSE_ROWS: readonly CauseRow[] = [
  {
    cause: 'drill',
    reason: 'A drill was under way, which stops the server on purpose.',
    find: (context) => (context.drill ? { because: null } : null),
  },
  {
    cause: 'planned',
    reason: 'The guard handed its role over, as it was asked to, or an operator took the host out.',
    find: decided(
      ({ row, facts }) => row === 'N2' || row === 'X1' || (row === 'P1' && facts['held'] === true),
    ),
  },
  {
    cause: 'disk-full',
    reason: 'The guard made way for the standby, because there was no room for writes.',
    find: decided(({ row }) => row === 'P7'),
  },
  {
    cause: 'address-lost',
    reason: 'The guard made way for the standby, because keepalived had lost the address for good.',
    find: decided(({ row }) => row === 'P8'),
  },
  {
    cause: 'server-down',
    reason: 'The guard left its role because its server did not work, or not as the record says.',
    find: decided(({ row }) => row === 'P1' || row === 'P6'),
  },
  {
    cause: 'isolated',
    reason: 'The guard lost its lease: no other voter answered it in time, while its server worked.',
    find: decided(({ row }) => row === 'P3' || row === 'P2'),
  },
  {
    cause: 'host-lost',
    reason: 'The guard said nothing, and nothing was heard from the host when the VIP moved.',
    find: (context) => (isUnmended(context, 'AgentLost', 'AgentBack') ? { because: null } : null),
  },
  {
    cause: 'server-down',
    reason: 'The guard said nothing, and the server was seen to be down when the VIP moved.',
    find: (context) => (isUnmended(context, 'ServerDown', 'ServerUp') ? { because: null } : null),
  },
  {
    cause: 'planned',
    reason: 'No guard tells its decisions, and the host became a standby while it was well.',
    find: ({ decisions, ...context }) => {
      const became = near(context).some(
        ({ kind, data }) => kind === 'RoleChanged' && data['to'] === 'standby',
      );
      return decisions.length === 0 && became ? { because: null } : null;
    },
  },
];

export function causeOf(context: CauseContext): Pick<OutageView, 'cause' | 'because'> {
  for (const { cause, find } of CAUSE_ROWS) {
    const found = find(context);
    if (found !== null) return { cause, ...found };
  }
  return { cause: 'unknown', because: null };
}

/** Applies to the decision by which the guard stopped serving, the last one before the VIP was elsewhere. */
function decided(matches: (decision: StoredDecision['decision']) => boolean): CauseRow['find'] {
  return (context) => {
    const leaving = leavingOf(context);
    if (leaving === null || !matches(leaving.decision)) return null;
    const { row, reason } = leaving.decision;
    return { because: { host: leaving.host, time: leaving.time, row, reason } };
  };
}

/** How a guard that served stopped; after a hand-over nothing else was the cause. */
export function leavingOf({
  event,
  from,
  decisions,
}: Pick<CauseContext, 'event' | 'from' | 'decisions'>): StoredDecision | null {
  const { began } = toldAbsence(event);
  const first = Math.min(event.time, began?.at ?? event.time) - CAUSE_MS;
  const own = decisions.filter(
    ({ host, time, decision }) =>
      host === from && LEAVING.includes(decision.row) && SERVING.includes(decision.from) && time >= first,
  );
  const last = own.findLast(({ time }) => time <= event.time + CLOCKS_MS) ?? null;
  if (last?.decision.from !== 'DRAINING') return last;
  return own.findLast(({ time, decision }) => time <= last.time && decision.row === 'N2') ?? last;
}

function near({ event, from, events }: Omit<CauseContext, 'decisions'>): StoredEvent[] {
  return events.filter(({ time, host }) => host === from && Math.abs(time - event.time) <= CAUSE_MS);
}

/** It happened, and was not over already when the VIP moved. */
function isUnmended(context: CauseContext, bad: EventKind, good: EventKind): boolean {
  const all = near(context);
  const last = all.findLast(({ kind, data }) => kind === bad && data['consequence'] !== true);
  if (last === undefined) return false;
  return !all.some(({ id, kind, time }) => kind === good && id > last.id && time < context.event.time);
}
