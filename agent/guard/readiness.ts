/**
 * Readiness: whether this host has every acknowledged row, as far as it can know. It is what makes a standby fit to
 * take over at once, and it lasts beyond the death of the peer, whose last rows this host has then.
 *
 * Invariants: a standby loses it with its own server (received rows that were not applied do not survive a restart),
 * when the primary says that its commits do not wait for this host, and half a second after this host stops following,
 * because a primary goes on alone only after a whole second.
 */

import { type ChannelState, isAway, type PeerState, type ServerState } from './facts.ts';

export interface ReadinessInput {
  readonly now: number;
  readonly server: ServerState;
  readonly serverSince: number;
  /** Of a server that does not answer: as it was last seen. */
  readonly writable: boolean;
  readonly vip: boolean;
  readonly peer: PeerState;
  readonly peerSince: number;
  /** The commits of the peer wait for this host (its semi-sync status is ON). */
  readonly peerWaits: boolean;
  /** The peer has something that is not here. */
  readonly behind: boolean;
  readonly channel: ChannelState;
  /** When the channel was last seen streaming. */
  readonly streamedAt: number | undefined;
  /** Everything that the peer had at this time is here; undefined: nothing known. */
  readonly caughtUpAt: number | undefined;
}

const CAUGHT_UP_MS = 1000;
const FELL_BEHIND_MS = 3000;
const STREAM_GAP_MS = 500;
/** When a peer really dies, the address is here long before; without it, the peer is only out of sight. */
const OUT_OF_SIGHT_MS = 5000;

export function nextReadiness(ready: boolean, seen: ReadinessInput): boolean {
  if (seen.server !== 'up') return ready && seen.writable && seen.peer !== 'serving';
  if (seen.writable) return true;
  if (seen.peer === 'serving') return seen.peerWaits && streams(seen) && follows(ready, seen);
  if (seen.peer === 'standby') return ready && (!seen.behind || streams(seen));
  if (isAway(seen.peer) && !seen.vip) {
    return ready && seen.now - Math.max(seen.peerSince, seen.serverSince) < OUT_OF_SIGHT_MS;
  }
  return ready;
}

function streams({ now, streamedAt }: ReadinessInput): boolean {
  return streamedAt !== undefined && now - streamedAt <= STREAM_GAP_MS;
}

function follows(ready: boolean, { now, channel, caughtUpAt }: ReadinessInput): boolean {
  if (caughtUpAt === undefined) return false;
  const lagMs = now - caughtUpAt;
  return ready ? lagMs < FELL_BEHIND_MS : channel === 'streaming' && lagMs < CAUGHT_UP_MS;
}
