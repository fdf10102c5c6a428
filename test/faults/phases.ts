/**
 * Where the time of an outage went, by what the guards decided in it: of a takeover, and of a primary that went on alone.
 * The phases follow each other from the last acknowledged row to the next one and add up to the outage. Pure.
 */

import { findTakeover } from '../../coordinator/explain/takeover.ts';
import type { StoredDecision } from '../../coordinator/store/decisions.ts';
import type { VipInterval } from '../lab/load/vip-intervals.ts';

/**
 * `detect` until a guard begins; `vote` until a majority promised (or, of a primary that goes on alone, recorded it);
 * `cut` until nothing more is confirmed to the old primary; `drain` until all that was received is applied; `record`
 * until a majority accepted; `open` until the guard opens the server; `vip` until the address is there as well; `write`
 * until the next row was acknowledged.
 */
export const phaseNames = ['detect', 'vote', 'cut', 'drain', 'record', 'open', 'vip', 'write'] as const;
export type PhaseName = (typeof phaseNames)[number];

/** Milliseconds. */
export type Phases = Readonly<Partial<Record<PhaseName, number>>>;

export interface Outage {
  /** monotonicMs() of the last acknowledgement before it. */
  readonly outageFrom: number;
  readonly outageMs: number;
  readonly vip: readonly VipInterval[];
}

/** `decisions` have their times in monotonicMs(), each host's in the order in which they were made. null: none tell. */
export function phasesOf(outage: Outage, decisions: readonly StoredDecision[]): Phases | null {
  const to = outage.outageFrom + outage.outageMs;
  const within = decisions
    .filter(({ time }) => time >= outage.outageFrom && time <= to)
    .sort((one, other) => one.time - other.time);
  return takeoverPhases(outage, within, to) ?? alonePhases(outage, within, to);
}

function takeoverPhases(
  { outageFrom, vip }: Outage,
  decisions: readonly StoredDecision[],
  to: number,
): Phases | null {
  const takeover = findTakeover(decisions, [], to);
  if (takeover === null || takeover.opened === null) return null;
  const { begun, host, phases } = takeover;
  const { total = 0, ...own } = phases;
  const opened = begun.time + total;
  const came = vip.find(({ host: holder, from }) => holder === host && from > outageFrom && from <= to);
  const served = Math.max(opened, came?.from ?? opened);
  return rounded({ detect: begun.time - outageFrom, ...own, vip: served - opened, write: to - served });
}

function alonePhases(
  { outageFrom }: Outage,
  decisions: readonly StoredDecision[],
  to: number,
): Phases | null {
  const recorded = decisions.findLast(({ decision }) => decision.row === 'D1');
  const asked = decisions.find(({ host, decision }) => host === recorded?.host && decision.row === 'D2');
  if (recorded === undefined || asked === undefined) return null;
  const vote = recorded.decision.clock - asked.decision.clock;
  return rounded({ detect: asked.time - outageFrom, vote, write: to - asked.time - vote });
}

/** The hosts' times are whole milliseconds: what comes out below nothing is nothing. */
function rounded(phases: Readonly<Record<string, number>>): Phases {
  return Object.fromEntries(
    phaseNames.flatMap((name) => {
      const ms = phases[name];
      return ms === undefined ? [] : [[name, Math.max(0, Math.round(ms))]];
    }),
  );
}
