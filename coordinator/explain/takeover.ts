/** What a standby's decisions prove about its takeover: who voted, where the time went, and that nothing was left behind. Pure. */

import type { StoredDecision } from '../store/decisions.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { parseGtidPosition } from '../watch/gtid.ts';

export interface Takeover {
  readonly host: string;
  /** The decision that began it, and the one that opened the server; null when it did not come so far. */
  readonly begun: StoredDecision;
  readonly opened: StoredDecision | null;
  /** Number of the ballot, and epoch of the new record once it is decided. */
  readonly ballot: number | null;
  /** Voters, as A, B and W. */
  readonly promised: readonly string[];
  readonly accepted: readonly string[];
  /** Milliseconds by phase, in order; docs of the guard's status say what each one is. */
  readonly phases: Readonly<Record<string, number>>;
  readonly proof: Proof | null;
}

/** As the new primary was when it asked for the record. */
export interface Proof {
  /** Mode and epoch of the record that it took over from. */
  readonly mode: string | null;
  readonly epoch: number | null;
  readonly received: string;
  readonly applied: string;
  /** SYNC, and all that was received is applied: nothing that was acknowledged is missing. */
  readonly complete: boolean;
}

const MARKS = { T5: 'vote', T6: 'cut', T7: 'drain', T8: 'record', O4: 'open' } as const;
/** A takeover has some ten decisions; what follows belongs to the time after it. */
const MOST = 20;
/** The guard's own figures are told in an event of about this time after. */
const SOON_MS = 10_000;
/** They are of the same takeover when they agree with the decisions so far, which are written a little later. */
const AGREE_MS = 250;

/** The takeover that was under way, or last, at `time`; null when `decisions` (in order of time) show none. */
export function findTakeover(
  decisions: readonly StoredDecision[],
  events: readonly StoredEvent[],
  time: number,
): Takeover | null {
  const begins = decisions.filter(({ decision }) => decision.row === 'S5');
  const begun = begins.findLast((one) => one.time <= time) ?? begins[0];
  if (begun === undefined) return null;
  const { host } = begun;
  const steps = stepsAfter(begun, decisions);
  const row = (id: string): StoredDecision | undefined => steps.find(({ decision }) => decision.row === id);
  const promised = ['T5', 'T6', 'T9'].map((id) => row(id)?.decision.voters ?? []);
  return {
    ...{ host, begun, opened: row('O4') ?? null },
    ballot: begun.decision.ballot,
    promised: promised.find((voters) => voters.length > 0) ?? [],
    accepted: acceptedBy(row('T7'), row('T8')),
    phases: phasesOf(begun, steps, events),
    proof: proofOf(row('T6') ?? begun, row('T7')),
  };
}

/** What the same host decided from then on, to the opening of its server or to where it gave up. */
function stepsAfter(begun: StoredDecision, decisions: readonly StoredDecision[]): StoredDecision[] {
  const own = decisions.slice(decisions.indexOf(begun)).filter(({ host }) => host === begun.host);
  const end = own.findIndex(
    ({ decision }, index) => index > 0 && ['O4', 'S5', 'T1', 'T2', 'T3', 'T4'].includes(decision.row),
  );
  return own.slice(0, end < 0 ? MOST : end + 1);
}

function phasesOf(
  begun: StoredDecision,
  steps: readonly StoredDecision[],
  events: readonly StoredEvent[],
): Record<string, number> {
  const phases: Record<string, number> = {};
  let before = begun.decision.clock;
  for (const [id, phase] of Object.entries(MARKS)) {
    const at = steps.find(({ decision }) => decision.row === id)?.decision.clock;
    if (at === undefined) continue;
    phases[phase] = Math.round((at - before) * 10) / 10;
    before = at;
  }
  const total = Math.round((before - begun.decision.clock) * 10) / 10;
  const told = phases['open'] === undefined ? null : toldPhases(begun, events, total);
  return told ?? { ...phases, total };
}

/** The guard knows more: when the address was there. */
function toldPhases(
  { host, time }: StoredDecision,
  events: readonly StoredEvent[],
  total: number,
): Record<string, number> | null {
  for (const event of events) {
    const told = event.kind === 'RoleChanged' && event.host === host ? event.data['phases'] : null;
    if (typeof told !== 'object' || told === null) continue;
    const phases = told as Record<string, number>; // A guard's lastPromotion, checked with its heartbeat.
    const withoutVip = (phases['total'] ?? 0) - (phases['vip'] ?? 0);
    const near = event.time >= time - SOON_MS && event.time <= time + SOON_MS;
    if (near && Math.abs(withoutVip - total) <= AGREE_MS) return phases;
  }
  return null;
}

/** A host with a majority of its own has decided by the very step in which it asks. */
function acceptedBy(asked: StoredDecision | undefined, decided: StoredDecision | undefined) {
  const voters = decided?.decision.voters ?? [];
  return decided === undefined || voters.length > 0 ? voters : (asked?.decision.voters ?? []);
}

/** The record that it took over from is told by the step before: it may have been replaced by the step that asks. */
function proofOf(cut: StoredDecision, asked: StoredDecision | undefined): Proof | null {
  if (asked === undefined) return null;
  const { mode, epoch } = cut.decision;
  const { positions } = asked.decision;
  const [received, applied] = [sorted(positions.received), sorted(positions.slave)];
  return { mode, epoch, received, applied, complete: mode === 'sync' && received === applied };
}

/** The server tells the domains of a position in any order. */
function sorted(position: string): string {
  return parseGtidPosition(position)
    .toSorted((a, b) => a.domain - b.domain || a.server - b.server)
    .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
    .join(',');
}
