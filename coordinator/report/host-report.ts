/** One host of a report, from its heartbeat. Pure. */

import type { Heartbeat } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import type { CertificateReport, HostReading, HostReport } from './health-report.ts';

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
  return {
    ...{ name, address, reachable: true, error: database.error, role: roleOf(heartbeat, pair.vip) },
    hasVip: hasAddress(heartbeat, pair.vip),
    serverVersion: database.version,
    writable: database.up && database.readOnly !== null ? !database.readOnly : null,
    replication: database.up ? replicationWords(heartbeat, peer.name) : 'the server is down',
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
  ...{ serverVersion: null, writable: null, replication: 'unknown', lagSeconds: null, gtid: '' },
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

function replicationWords(heartbeat: Heartbeat, peer: string): string {
  const channel = heartbeat.database.channel;
  if (channel === null) return 'not set up';
  if (channel.ioRunning === 'Yes' && channel.sqlRunning) return `from ${peer}, both threads run`;
  return `IO ${channel.ioRunning}, SQL ${channel.sqlRunning ? 'Yes' : 'No'}`;
}

function certificatesOf(heartbeat: Heartbeat, now: number): CertificateReport[] {
  return Object.entries(heartbeat.certificates)
    .map(([name, expires]) => ({ name, expires, daysLeft: Math.floor((expires - now) / DAY_MS) }))
    .sort((a, b) => a.expires - b.expires);
}
