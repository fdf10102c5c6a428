/**
 * When an outage began and ended. The guards' decisions tell it to the millisecond: it begins when the former holder gives
 * up serving, and ends when the new one is open and has the address. Where a decision is missing, as of a host that lost
 * its power, the end that it would tell is the one of the event, from stamps in heartbeats or from the heartbeats alone.
 *
 * Clocks: each host's times are put on the coordinator's clock when they come in, by the least delay that its heartbeats
 * have had, so they are late by what a packet takes. A decision is believed only within what heartbeats have seen, give or
 * take TOLERANCE_MS: an own clock that somebody sets in between moves no outage.
 *
 * Invariants: an outage ends when or after it begins; none begins before the one before it has ended. Pure.
 */

import { findTakeover } from '../explain/takeover.ts';
import { failoversOf } from '../report/health.ts';
import type { StoredDecision } from '../store/decisions.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { gapOf, type Stamp, TOLERANCE_MS, type VipAbsence, type VipGap } from '../watch/vip-absence.ts';
import { leavingOf } from './outage-cause.ts';
import { toldAbsence } from './told-absence.ts';

/** What is told so shortly around a move of the VIP is its takeover. */
export const TAKEOVER_MS = 10_000;

/** Of those before it, so many are looked at: further back none reaches into it. */
const MOST_BEFORE = 5;

interface History {
  /** Of the pair, each oldest first. */
  readonly events: readonly StoredEvent[];
  readonly decisions: readonly StoredDecision[];
}

/** Of the outage that `event` ended, after those that the events before it ended. */
export function outageInterval(event: StoredEvent, history: History): VipGap {
  const earlier = history.events.filter((one) => one.id < event.id && failoversOf([one]).length > 0);
  const floor = earlier
    .slice(-MOST_BEFORE)
    .reduce((end, one) => Math.max(end, absenceOf(one, history, end).ended.at), Number.NEGATIVE_INFINITY);
  return gapOf(absenceOf(event, history, floor));
}

/** Nothing of it lies before `floor`. */
function absenceOf(event: StoredEvent, history: History, floor: number): VipAbsence {
  const told = toldAbsence(event);
  const [{ from, to } = { from: '', to: '' }] = failoversOf([event]);
  const first = Math.max(floor, (told.began?.at ?? Number.NEGATIVE_INFINITY) - TOLERANCE_MS);
  const within = (at: number | null, last: number): Stamp | null =>
    at === null || at < first || at > last ? null : { at, by: 'guard' };
  const gained = within(servedAt(event, to, history), told.ended.at + TOLERANCE_MS);
  const ended = between(gained ?? told.ended, floor, Number.POSITIVE_INFINITY);
  const left = leavingOf({ event, from, decisions: history.decisions });
  const began = within(left?.time ?? null, ended.at) ?? told.began;
  return { began: began && between(began, floor, ended.at), ended };
}

const between = (stamp: Stamp, first: number, last: number): Stamp => ({
  ...stamp,
  at: Math.min(Math.max(stamp.at, first), last),
});

/** When the takeover by this host was complete: its server open, and the address there. */
function servedAt({ time }: StoredEvent, to: string, { events, decisions }: History): number | null {
  const own = decisions.filter((one) => one.host === to && Math.abs(one.time - time) <= TAKEOVER_MS);
  const takeover = findTakeover(own, events, time);
  const { vip, total } = takeover?.phases ?? {};
  const complete = takeover !== null && takeover.opened !== null && vip !== undefined;
  return complete ? takeover.begun.time + (total ?? 0) : null;
}
