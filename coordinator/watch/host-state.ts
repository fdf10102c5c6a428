/**
 * What the watcher holds to be true of one host: the last known answer to each question, and since when.
 * Invariants: what is not known keeps its last known value, so silence never reads as a change; a single heartbeat
 * never turns a condition bad where it could have been taken in the middle of a change. Pure; all times are ms on the
 * coordinator's clock, given by the caller.
 */

import type { Drift, Heartbeat, ReplicationChannel, ServiceState } from '../../shared/model/facts.ts';

/** Unbroken run of heartbeats that said the same, by the times at which they were taken. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

export type Condition = 'up' | 'down';
export type ReplicationCondition = 'healthy' | 'lagging' | 'broken';
export type Role = 'primary' | 'standby';

export interface HostState {
  readonly name: string;
  /** A heartbeat came within LOST_AFTER_MS. */
  readonly reachable: boolean;
  readonly heartbeat: Heartbeat | null;
  /** Time of receipt of `heartbeat`, or when watching began. */
  readonly heardAt: number;
  readonly server: Condition;
  /** What the server said last of its own uptime, s: kept while it does not answer. */
  readonly serverUptimeSeconds: number | null;
  readonly keepalived: Condition;
  readonly guard: Condition;
  readonly replication: ReplicationCondition;
  readonly role: Role | null;
  /** Files that are not as they were deployed. */
  readonly drift: readonly Drift[];
  /** Heartbeats that showed the VIP on this host, up to now; null when the last one did not. */
  readonly vip: Stretch | null;
  /** When the VIP was last seen here. */
  readonly vipLastSeen: number | null;
  /** Heartbeats that showed a server that accepts writes. */
  readonly writable: Stretch | null;
  /** Add to a time of the host's wall clock to get the coordinator's; the least delay seen. */
  readonly clockOffsetMs: number;
  /** Since when each condition has looked otherwise than it is held to be. */
  readonly pending: Readonly<Record<string, number>>;
}

export const LOST_AFTER_MS = 3000;
/** How long a condition must look bad before it is held to be bad. */
const SETTLE_MS = { server: 800, keepalived: 1500, guard: 1500, replication: 3000 } as const;
export const LAGGING_FROM_SECONDS = 10;
/** A lagging replica is healthy again only well below the limit, so that it does not flap around it. */
const LAG_OVER_SECONDS = 5;

/** A host before its first heartbeat: held to be well, so that whatever is not gets its event. */
export function initialHostState(name: string, now: number, known: Partial<HostState> = {}): HostState {
  return {
    ...{ name, reachable: true, heartbeat: null, heardAt: now },
    ...{ server: 'up', keepalived: 'up', guard: 'up', replication: 'healthy', role: null },
    ...{ drift: [], serverUptimeSeconds: null },
    ...{ vip: null, vipLastSeen: null, writable: null, clockOffsetMs: Number.POSITIVE_INFINITY, pending: {} },
    ...known,
  };
}

/** `vip` is the address without its prefix length. */
export function hearHost(state: HostState, heartbeat: Heartbeat, vip: string, now: number): HostState {
  const hasVip = heartbeat.addresses.some((address) => address.address === vip);
  const clockOffsetMs = nextOffset(state.clockOffsetMs, now - heartbeat.time);
  const takenAt = heartbeat.time + clockOffsetMs;
  const pending: Record<string, number> = {};
  const settle = <T>(name: keyof typeof SETTLE_MS, held: T, seen: T, atOnce: boolean): T => {
    if (seen === held) return held;
    const since = state.pending[name] ?? now;
    if (atOnce || now - since >= SETTLE_MS[name]) return seen;
    pending[name] = since;
    return held;
  };
  const { server, keepalived, guard, replication } = seenConditions(heartbeat, state);
  return {
    ...{ name: state.name, reachable: true, heartbeat, heardAt: now, pending },
    server: settle('server', state.server, server, server === 'up' || isServerStopped(heartbeat)),
    serverUptimeSeconds: heartbeat.database.uptimeSeconds ?? state.serverUptimeSeconds,
    keepalived: settle('keepalived', state.keepalived, keepalived, keepalived === 'up'),
    guard: settle('guard', state.guard, guard, guard === 'up'),
    replication: settle('replication', state.replication, replication, replication === 'healthy'),
    role: seenRole(heartbeat, hasVip) ?? state.role,
    drift: heartbeat.drift,
    vip: extend(state.vip, hasVip, takenAt),
    vipLastSeen: hasVip ? takenAt : state.vipLastSeen,
    writable: extend(state.writable, heartbeat.database.readOnly === false, takenAt),
    clockOffsetMs,
  };
}

/** The passing of time alone: a host that has been silent for too long is lost, and its stretches end. */
export function tickHost(state: HostState, now: number): HostState {
  if (!state.reachable || now - state.heardAt <= LOST_AFTER_MS) return state;
  return { ...state, reachable: false, vip: null, writable: null, pending: {} };
}

/** A larger difference is no delay on the way: somebody has set the host's clock. */
const CLOCK_SET_MS = 5000;

/** The least delay seen is nearest to the truth; the slow drift upwards follows a clock that is being corrected. */
function nextOffset(known: number, seen: number): number {
  return seen > known + CLOCK_SET_MS ? seen : Math.min(known + 1, seen);
}

const extend = (stretch: Stretch | null, holds: boolean, now: number): Stretch | null =>
  holds ? { first: stretch?.first ?? now, last: now } : null;

export function serviceOf(heartbeat: Heartbeat, unit: string): ServiceState | undefined {
  return heartbeat.services.find((service) => service.unit === unit);
}

function seenConditions(heartbeat: Heartbeat, held: HostState) {
  const upIf = (good: boolean): Condition => (good ? 'up' : 'down');
  return {
    server: upIf(heartbeat.database.up),
    keepalived: upIf(serviceOf(heartbeat, 'keepalived.service')?.active === 'active'),
    guard: upIf(heartbeat.guard !== null),
    replication: seenReplication(heartbeat, held.replication),
  };
}

/** The server does not answer and its unit or its guard says why, so one heartbeat is enough. */
function isServerStopped(heartbeat: Heartbeat): boolean {
  const unit = serviceOf(heartbeat, 'mariadb.service')?.active;
  return heartbeat.guard?.role === 'down' || unit === 'inactive' || unit === 'failed';
}

/** A server that is down says nothing about its replication, so what was known stays. */
function seenReplication(heartbeat: Heartbeat, held: ReplicationCondition): ReplicationCondition {
  if (!heartbeat.database.up) return held;
  const channel = heartbeat.database.channel;
  if (channel === null || !isStreaming(channel)) return 'broken';
  const limit = held === 'lagging' ? LAG_OVER_SECONDS : LAGGING_FROM_SECONDS;
  return (channel.secondsBehind ?? 0) >= limit ? 'lagging' : 'healthy';
}

export const isStreaming = (channel: ReplicationChannel): boolean =>
  channel.ioRunning === 'Yes' && channel.sqlRunning;

/** The guard's word where there is one; else the VIP on a server that accepts writes. */
function seenRole(heartbeat: Heartbeat, hasVip: boolean): Role | null {
  const role = heartbeat.guard?.role;
  if (role === 'primary' || role === 'standby') return role;
  if (heartbeat.guard !== null || !heartbeat.database.up) return null;
  return hasVip && heartbeat.database.readOnly === false ? 'primary' : 'standby';
}
