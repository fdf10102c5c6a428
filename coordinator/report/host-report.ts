/** One host of a report, from its heartbeat. Pure. */

import type { Heartbeat } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import type { Replication } from './findings.ts';
import type { CertificateReport, HostReading, HostReport } from './health-report.ts';
import { ENGLISH } from './words-en.ts';

const DAY_MS = 86_400_000;

export function describeHost(
  reading: HostReading,
  peer: HostReading,
  pair: PairSpec,
  now: number,
): HostReport {
  const { name, address, heartbeat } = reading;
  if (heartbeat === null) return { ...UNKNOWN, name, address, error: reading.error ?? 'no heartbeat came.' };
  const { database } = heartbeat;
  const channel = replicationOf(heartbeat, peer.name);
  return {
    ...{ name, address, reachable: true, error: database.error, role: roleOf(heartbeat, pair.vip) },
    hasVip: hasAddress(heartbeat, pair.vip),
    serverVersion: database.version,
    writable: database.up && database.readOnly !== null ? !database.readOnly : null,
    ...{ channel, replication: ENGLISH.replication(channel) },
    lagSeconds: database.channel?.secondsBehind ?? null,
    gtid: database.gtidBinlogPos,
    ...{ diskFreeBytes: heartbeat.diskFreeBytes, diskTotalBytes: heartbeat.diskTotalBytes },
    diskDaysLeft: null,
    load1: heartbeat.load1,
    hostUptimeSeconds: heartbeat.hostUptimeSeconds,
    serverUptimeSeconds: database.uptimeSeconds,
    certificates: certificatesOf(heartbeat, now),
  };
}

const UNKNOWN: HostReport = {
  ...{ name: '', address: '', reachable: false, error: null, role: 'unknown', hasVip: false },
  ...{ serverVersion: null, writable: null, lagSeconds: null, gtid: '' },
  ...{ channel: { state: 'unknown' }, replication: 'unknown' },
  ...{ diskFreeBytes: null, diskTotalBytes: null, diskDaysLeft: null, load1: null },
  ...{ hostUptimeSeconds: null, serverUptimeSeconds: null, certificates: [] },
};

const hasAddress = (heartbeat: Heartbeat, address: string): boolean =>
  heartbeat.addresses.some((one) => one.address === address);

/** The guard's word; without a guard, what the server and the VIP show. */
function roleOf(heartbeat: Heartbeat, vip: string): string {
  if (heartbeat.guard !== null) return heartbeat.guard.role;
  if (!heartbeat.database.up) return 'down';
  return hasAddress(heartbeat, vip) && heartbeat.database.readOnly === false ? 'primary' : 'standby';
}

function replicationOf({ database: { up, channel } }: Heartbeat, peer: string): Replication {
  if (!up) return { state: 'server-down' };
  if (channel === null) return { state: 'none' };
  if (channel.ioRunning === 'Yes' && channel.sqlRunning) return { state: 'running', from: peer };
  return { state: 'stopped', io: channel.ioRunning, sql: channel.sqlRunning };
}

function certificatesOf(heartbeat: Heartbeat, now: number): CertificateReport[] {
  return Object.entries(heartbeat.certificates)
    .map(([name, expires]) => ({ name, expires, daysLeft: Math.floor((expires - now) / DAY_MS) }))
    .sort((a, b) => a.expires - b.expires);
}
