/**
 * What the guard decides from: plain facts, all finite, so that a test can go through every combination.
 * `observe` makes them of what was seen and when. Pure; the only clock is `now`, monotonic milliseconds.
 */

import type { GuardConfig } from './config.ts';
import { type GtidPosition, type Standing, standingOf } from './gtid.ts';

export type ServerState = 'up' | 'hung' | 'down';
/** locked: a lock of somebody holds the write back; stuck: storage does. */
export type WriteState = 'flowing' | 'locked' | 'stuck';
/** refused: the source does not have this host's last transaction, or a received one does not follow it. */
export type ChannelState = 'absent' | 'stopped' | 'connecting' | 'streaming' | 'refused' | 'failed';
/** serving: writable; standby: read-only; down: its server is gone; silent: no answer in time; unknown: not yet asked. */
export type PeerState = 'unknown' | 'serving' | 'standby' | 'down' | 'silent';
export type ActionGroup = 'server' | 'role' | 'channel' | 'semi-sync' | 'address';

export interface GuardFacts {
  readonly server: ServerState;
  /** read_only is off; of a server that does not answer: as it was last seen. */
  readonly writable: boolean;
  readonly writes: WriteState;
  readonly semiSync: boolean;
  readonly vip: boolean;
  /** The address has been here for over a second although this host is not permitted. */
  readonly vipOverdue: boolean;
  readonly keepalived: boolean;
  readonly channel: ChannelState;
  /** This host has every acknowledged row, as far as it can know (see readiness.ts). */
  readonly ready: boolean;
  readonly standing: Standing;
  readonly peer: PeerState;
  /**
   * What the peer says since the address came here: nothing yet, that it is writable, the same for over a second, or
   * nothing against it.
   */
  readonly way: 'asking' | 'taken' | 'contested' | 'clear';
  /** The peer's replica streams from this host. */
  readonly peerStreams: boolean;
  /** The peer was seen writable since this host's server was last up. */
  readonly peerPromoted: boolean;
  /** The peer does not answer, and has had long enough to. */
  readonly peerAway: boolean;
  /** The peer served while this host did not follow: there are rows that only the peer has. */
  readonly missed: boolean;
  /** The address came here while the peer was writable; this host stays away from it for a while. */
  readonly yielding: boolean;
  /** A fallen server waits no longer for the peer to be promoted. */
  readonly waitedForPeer: boolean;
  /** A hung standby had long enough to come back by itself. */
  readonly hungLong: boolean;
  readonly held: boolean;
  readonly serveAnyway: boolean;
  /** The pause between two tries is over. */
  readonly startDue: boolean;
  readonly channelDue: boolean;
  /** Groups with an action under way. */
  readonly busy: ReadonlySet<ActionGroup>;
}

/** What was seen, with times. Undefined times: never. */
export interface Observation {
  readonly now: number;
  readonly server: {
    readonly state: ServerState;
    readonly since: number;
    readonly writable: boolean;
    readonly semiSync: boolean;
    readonly binlogPos: GtidPosition;
    /** Since when a write waits for its answer. */
    readonly writeSince: number | undefined;
    /** What the server says that the write waits for is a lock. */
    readonly writeLocked: boolean;
  };
  readonly channel: ChannelState;
  readonly ready: boolean;
  readonly vip: { readonly present: boolean; readonly since: number };
  readonly permitSince: number;
  readonly permit: boolean;
  readonly keepalived: boolean;
  readonly peer: {
    readonly state: PeerState;
    readonly since: number;
    /** When the last answer or refusal came. */
    readonly heardAt: number | undefined;
    /** When the question was sent that has no answer yet. */
    readonly waitingSince: number | undefined;
    readonly streams: boolean;
    /** As last heard; undefined: never. */
    readonly binlogPos: GtidPosition | undefined;
    readonly servingAt: number | undefined;
  };
  readonly yieldingUntil: number;
  readonly held: boolean;
  readonly serveAnyway: boolean;
  readonly nextStartAt: number;
  readonly nextChannelAt: number;
  readonly startedAt: number;
  readonly busy: ReadonlySet<ActionGroup>;
}

/** A question that a live peer answers in a millisecond and that waits this long gets no answer. */
const PEER_CHECK_MS = 200;
/** A primary that has lost the address becomes read-only in some ten milliseconds. */
const CONTESTED_MS = 1500;
const RESTING_WAIT_MS = 2000;
const VIP_OVERDUE_MS = 1000;
const HUNG_STANDBY_MS = 30_000;

export function factsOf(seen: Observation, timing: GuardConfig['timing']): GuardFacts {
  const { now, server, peer, vip } = seen;
  const age = (since: number | undefined): number => (since === undefined ? 0 : now - since);
  return {
    server: server.state,
    writable: server.writable,
    writes: writeState(age(server.writeSince), server.writeLocked, timing.writeHangMs),
    semiSync: server.semiSync,
    vip: vip.present,
    vipOverdue: vip.present && !seen.permit && age(Math.max(vip.since, seen.permitSince)) > VIP_OVERDUE_MS,
    keepalived: seen.keepalived,
    channel: seen.channel,
    ready: seen.ready,
    standing: peer.binlogPos === undefined ? 'unknown' : standingOf(server.binlogPos, peer.binlogPos),
    peer: peer.state,
    way: wayOf(seen),
    peerStreams: peer.streams,
    peerPromoted: server.state !== 'up' && peer.servingAt !== undefined && peer.servingAt >= server.since,
    peerAway: isAway(peer.state) && age(Math.max(peer.since, seen.startedAt)) >= timing.aloneMs,
    missed: !seen.ready && peer.servingAt !== undefined,
    yielding: now < seen.yieldingUntil,
    waitedForPeer: waitedForPeer(seen, timing.takeoverWaitMs),
    hungLong: server.state === 'hung' && age(server.since) >= HUNG_STANDBY_MS,
    held: seen.held,
    serveAnyway: seen.serveAnyway,
    startDue: now >= seen.nextStartAt,
    channelDue: now >= seen.nextChannelAt,
    busy: seen.busy,
  };
}

export function isAway(peer: PeerState): boolean {
  return peer === 'down' || peer === 'silent';
}

function writeState(waitedMs: number, locked: boolean, hangMs: number): WriteState {
  if (waitedMs < hangMs) return 'flowing';
  return locked ? 'locked' : 'stuck';
}

/** A server that was not the primary just before needs less patience; a peer that has long been silent, none. */
function waitedForPeer({ now, server, peer }: Observation, takeoverWaitMs: number): boolean {
  const patience = server.writable ? takeoverWaitMs : Math.min(takeoverWaitMs, RESTING_WAIT_MS);
  return now - server.since >= patience || (peer.state === 'silent' && now - peer.since >= patience);
}

/** Clear also when the peer is known to be gone, or leaves a question unanswered. */
function wayOf({ now, peer, vip }: Observation): GuardFacts['way'] {
  if (isAway(peer.state)) return 'clear';
  if (peer.waitingSince !== undefined && now - peer.waitingSince > PEER_CHECK_MS) return 'clear';
  if (peer.heardAt === undefined || peer.heardAt <= vip.since) return 'asking';
  if (peer.state !== 'serving') return 'clear';
  return now - vip.since > CONTESTED_MS ? 'contested' : 'taken';
}
