/**
 * From when to when nobody had the VIP, as a move or a return of it is told: from the guards' own stamps where heartbeats
 * brought them, else from the heartbeats that showed the VIP last and first. What the guards decided makes it exact
 * later (coordinator/api/outage-interval.ts). Pure.
 */

import { type Static, Type } from 'typebox';
import type { HostState } from './host-state.ts';

const strict = { additionalProperties: false } as const;

/** One end of an absence, ms on the coordinator's clock, and who knows it: a guard to the millisecond, a heartbeat within its pause. */
const StampSchema = Type.Object(
  { at: Type.Number(), by: Type.Union([Type.Literal('guard'), Type.Literal('heartbeat')]) },
  strict,
);
export type Stamp = Static<typeof StampSchema>;

/** `began` is null where nobody watched. */
export const VipAbsenceSchema = Type.Object(
  { began: Type.Union([StampSchema, Type.Null()]), ended: StampSchema },
  strict,
);
export type VipAbsence = Static<typeof VipAbsenceSchema>;

export interface VipGap {
  readonly began: number | null;
  readonly ended: number;
  readonly gapMs: number | null;
  /** `guards`: both ends are the guards' own. `heartbeats`: no longer than this. Null where nobody watched. */
  readonly gapFrom: 'guards' | 'heartbeats' | null;
}

/** A guard's stamp is believed only when it is not older than the last heartbeat that showed the VIP, give or take this. */
export const TOLERANCE_MS = 1500;

/** Null when the loser was never seen with the VIP, as after a start of the daemon. */
export function vipAbsence(loser: HostState, winner: HostState): VipAbsence | null {
  if (loser.vipLastSeen === null) return null;
  const ended = gainOf(winner, loser.vipLastSeen);
  // The guard stamps its last change of any kind: one after the gain (the server came back) is not the loss.
  const stamp = guardLoss(loser, loser.vipLastSeen);
  const began: Stamp =
    stamp !== null && stamp <= ended.at
      ? { at: stamp, by: 'guard' }
      : { at: Math.min(loser.vipLastSeen, ended.at), by: 'heartbeat' };
  return { began, ended };
}

/** The VIP is back on the host that had it before. */
export function vipReturn(before: HostState, after: HostState): VipAbsence | null {
  // Of a host that was silent meanwhile nobody knows whether it was without the VIP.
  const seen = before.reachable ? before.vipLastSeen : null;
  return seen === null ? null : { began: { at: seen, by: 'heartbeat' }, ended: gainOf(after, seen) };
}

export function gapOf({ began, ended }: VipAbsence): VipGap {
  const [first, last] = [began === null ? null : Math.round(began.at), Math.round(ended.at)];
  const exact = began?.by === 'guard' && ended.by === 'guard';
  return {
    ...{ began: first, ended: last, gapMs: first === null ? null : last - first },
    gapFrom: first === null ? null : exact ? 'guards' : 'heartbeats',
  };
}

/** When the guard of the former holder left the primary's role, on the coordinator's clock. */
function guardLoss(host: HostState, lastSeen: number): number | null {
  const guard = host.heartbeat?.guard ?? null;
  if (!host.reachable || guard === null || guard.role === 'primary' || guard.hasVip) return null;
  return notBefore(guard.since + host.clockOffsetMs, lastSeen);
}

/** When the VIP came to the new holder: a guard is primary once its server is open and the address is there. */
function gainOf(host: HostState, lastSeen: number): Stamp {
  const guard = host.heartbeat?.guard ?? null;
  const stamp = guard?.role === 'primary' ? notBefore(guard.since + host.clockOffsetMs, lastSeen) : null;
  return stamp === null
    ? { at: host.vip?.first ?? host.heardAt, by: 'heartbeat' }
    : { at: stamp, by: 'guard' };
}

const notBefore = (stamp: number, lastSeen: number): number | null =>
  stamp >= lastSeen - TOLERANCE_MS ? stamp : null;
