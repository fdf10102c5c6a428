/** How long nobody had the VIP when it moved: from the guards' own stamps where they are known, else from heartbeats. Pure. */

import type { HostState } from './host-state.ts';

export interface VipGap {
  readonly gapMs: number;
  /** `guards`: both ends are the guards' own stamps. `heartbeats`: no longer than this, as seen by heartbeats. */
  readonly gapFrom: 'guards' | 'heartbeats';
}

/** A guard's stamp is believed only when it is not older than the last heartbeat that showed the VIP, give or take this. */
const TOLERANCE_MS = 1500;

/** Null when the loser was never seen with the VIP, as after a start of the daemon. */
export function vipGap(loser: HostState, winner: HostState): VipGap | null {
  if (loser.vipLastSeen === null) return null;
  const gained = guardGain(winner, loser.vipLastSeen);
  const end = gained ?? winner.vip?.first ?? winner.heardAt;
  // The guard stamps its last change of any kind: one after the gain (the server came back) is not the loss.
  const stamp = guardLoss(loser, loser.vipLastSeen);
  const lost = stamp !== null && stamp <= end ? stamp : null;
  return {
    gapMs: Math.max(0, Math.round(end - (lost ?? loser.vipLastSeen))),
    gapFrom: lost !== null && gained !== null ? 'guards' : 'heartbeats',
  };
}

/** When the guard of the former holder left the primary's role, on the coordinator's clock. */
function guardLoss(host: HostState, lastSeen: number): number | null {
  const guard = host.heartbeat?.guard ?? null;
  if (!host.reachable || guard === null || guard.role === 'primary' || guard.hasVip) return null;
  return notBefore(guard.since + host.clockOffsetMs, lastSeen);
}

/** When the VIP came to the new holder: a guard is primary once its server is open and the address is there. */
function guardGain(host: HostState, lastSeen: number): number | null {
  const guard = host.heartbeat?.guard ?? null;
  if (guard?.role !== 'primary') return null;
  return notBefore(guard.since + host.clockOffsetMs, lastSeen);
}

const notBefore = (stamp: number, lastSeen: number): number | null =>
  stamp >= lastSeen - TOLERANCE_MS ? stamp : null;
