/** One host as programs and the console see it. What a silent host said last is not told as if it were so now. Pure. */

import type { HostView } from '../../shared/api/pair-view.ts';
import type { GuardState, Heartbeat } from '../../shared/model/facts.ts';
import { type HostState, isStreaming } from '../watch/host-state.ts';

export function viewHost(host: HostState, address: string, rate: number | null, now: number): HostView {
  const { name, reachable, role, server, keepalived } = host;
  const heartbeat = reachable ? host.heartbeat : null;
  const database = heartbeat?.database ?? null;
  return {
    ...{ name, address, reachable, role, server, keepalived, guardProcess: host.guard },
    heardMsAgo: host.heartbeat === null ? null : Math.max(0, Math.round(now - host.heardAt)),
    hasVip: host.vip !== null,
    writable: database?.up === true && database.readOnly !== null ? !database.readOnly : null,
    guard: viewGuard(heartbeat?.guard ?? null, host.clockOffsetMs),
    replication: viewReplication(host, heartbeat),
    gtid: database?.up === true ? database.gtidBinlogPos : null,
    serverVersion: database?.version ?? null,
    serverUptimeSeconds: database?.uptimeSeconds ?? null,
    hostUptimeSeconds: heartbeat?.hostUptimeSeconds ?? null,
    connections: database?.connections ?? null,
    commitsPerSecond: heartbeat === null ? null : rate,
    load1: heartbeat?.load1 ?? null,
    memoryFreeBytes: heartbeat?.memoryFreeBytes ?? null,
    diskFreeBytes: heartbeat?.diskFreeBytes ?? null,
    diskTotalBytes: heartbeat?.diskTotalBytes ?? null,
    certificates: heartbeat?.certificates ?? {},
    drift: host.drift.map(({ path, how }) => ({ path, how })),
  };
}

/** Times of the guard are the host's own; they are told on the coordinator's clock. */
function viewGuard(guard: GuardState | null, offsetMs: number): HostView['guard'] {
  if (guard === null) return null;
  const { role, row, reason, voting } = guard;
  const offset = Number.isFinite(offsetMs) ? offsetMs : 0;
  return {
    ...{ role, row, reason, since: Math.round(guard.since + offset) },
    phase: voting?.phase ?? null,
    epoch: voting?.epoch ?? null,
    mode: voting?.mode ?? null,
    promotable: voting?.promotable ?? null,
    leased: voting?.leased ?? null,
    leaseMarginMs: voting?.leaseMs ?? null,
    order: voting?.order ?? null,
    note: voting?.note ?? null,
  };
}

function viewReplication(host: HostState, heartbeat: Heartbeat | null): HostView['replication'] {
  const channel = heartbeat?.database.channel ?? null;
  const error = channel === null ? null : channel.ioError || channel.sqlError || null;
  return {
    condition: conditionOf(host, heartbeat),
    ioRunning: channel?.ioRunning ?? null,
    sqlRunning: channel?.sqlRunning ?? null,
    lagSeconds: channel?.secondsBehind ?? null,
    error,
    encrypted: channel?.ssl ?? null,
  };
}

/** What the watcher made of it, but never "healthy" while the last heartbeat says otherwise. */
function conditionOf(
  { replication }: HostState,
  heartbeat: Heartbeat | null,
): HostView['replication']['condition'] {
  if (heartbeat?.database.up !== true) return null;
  const { channel } = heartbeat.database;
  return channel !== null && isStreaming(channel) ? replication : 'broken';
}
