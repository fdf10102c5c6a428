/** What needs attention on one host, rule by rule, most urgent first. Pure. */

import type { Found } from './findings.ts';
import type { Finding, FoundBy, HostReport } from './health-report.ts';
import { type HealthRule, heartbeatOf, type RuleFacts } from './health-rule.ts';

const LAG_WARNING_SECONDS = 10;
const CLOCK_WARNING_MS = 2000;
export const DISK_WARNING = 0.85;
export const DISK_CRITICAL = 0.95;
const FORECAST_WARNING_DAYS = 30;
const FORECAST_CRITICAL_DAYS = 7;
export const CERTIFICATE_WARNING_DAYS = 30;
export const CERTIFICATE_CRITICAL_DAYS = 7;

/** A rule that looks at each host by itself. */
function eachHost(
  severity: Finding['severity'],
  find: (host: HostReport, facts: RuleFacts) => Found | null,
): HealthRule['find'] {
  return (facts) =>
    facts.hosts.flatMap((host) => {
      const found = find(host, facts);
      return found === null ? [] : [{ severity, subject: host.name, ...found }];
    });
}

const unitIsDown = (facts: RuleFacts, host: HostReport, unit: string): boolean =>
  host.reachable &&
  heartbeatOf(facts, host.name)?.services.find((one) => one.unit === unit)?.active !== 'active';
const serverIsUp = (host: HostReport): boolean => host.reachable && host.writable !== null;
export const HOST_HEALTH_RULES: readonly HealthRule[] = [
  {
    id: 'H1',
    find: eachHost('critical', ({ hasVip, writable }) =>
      hasVip && writable === false ? { what: 'holder-read-only', params: {} } : null,
    ),
  },
  {
    id: 'H2',
    find: eachHost('critical', ({ reachable, writable, name: host, error }) =>
      reachable && writable === null ? { what: 'server-silent', params: { host, error } } : null,
    ),
  },
  {
    id: 'H3',
    find: eachHost('critical', ({ reachable, error }) =>
      reachable ? null : { what: 'agent-silent', params: { error } },
    ),
  },
  {
    id: 'H4',
    find: (facts) => facts.hosts.flatMap((host) => replicationFindings(host, facts)),
  },
  {
    id: 'H5',
    find: eachHost('critical', ({ reachable, name: host }, facts) =>
      reachable && heartbeatOf(facts, host)?.guard === null
        ? { what: 'guard-silent', params: { host } }
        : null,
    ),
  },
  {
    id: 'H6',
    find: eachHost('critical', (host, facts) =>
      unitIsDown(facts, host, 'keepalived.service')
        ? { what: 'keepalived-down', params: { host: host.name } }
        : null,
    ),
  },
  { id: 'H7', find: (facts) => facts.hosts.flatMap(diskFindings) },
  { id: 'H12', find: (facts) => facts.hosts.flatMap(forecastFindings) },
  { id: 'H8', find: (facts) => facts.hosts.flatMap(certificateFindings) },
  {
    id: 'H9',
    find: eachHost('warning', ({ lagSeconds: seconds }) =>
      seconds !== null && seconds >= LAG_WARNING_SECONDS ? { what: 'lag', params: { seconds } } : null,
    ),
  },
  {
    id: 'H10',
    find: eachHost('warning', (host, facts) => {
      const reading = facts.readings.hosts.find((one) => one.name === host.name);
      const ms = reading?.heartbeat == null ? 0 : reading.heartbeat.time - reading.receivedAt;
      return Math.abs(ms) < CLOCK_WARNING_MS ? null : { what: 'clock', params: { ms } };
    }),
  },
  {
    id: 'H11',
    find: eachHost('warning', (host, facts) => {
      const drift = heartbeatOf(facts, host.name)?.drift ?? [];
      return drift.length === 0 ? null : { what: 'drift', params: { drift } };
    }),
  },
];

/**
 * Where the other server is down, that is the thing to look at, and this follows from it. So it is on a primary until its
 * standby is back, that is, replicates from it: a take-over stops the channel for a moment, and what was heard last of the
 * other host may be older than its loss.
 */
function replicationFindings(host: HostReport, facts: RuleFacts): FoundBy[] {
  if (!serverIsUp(host)) return [];
  const channel = heartbeatOf(facts, host.name)?.database.channel ?? null;
  if (channel?.ioRunning === 'Yes' && channel.sqlRunning) return [];
  const subject = host.name;
  const peer = facts.hosts.find((one) => one.name !== host.name);
  const isPrimary = host.role === 'primary';
  const waits = channel?.sqlRunning === true || (isPrimary && channel?.sqlError === '');
  if (waits && peer !== undefined && !(isPrimary ? follows(peer, facts) : serverIsUp(peer))) {
    const params = { peer: peer.name, up: serverIsUp(peer) };
    return [{ severity: 'warning', subject, what: 'peer-away', params }];
  }
  const error = (channel?.sqlError || channel?.ioError || '').trim().replace(/\.$/, '');
  const params = { channel: host.channel, error };
  return [{ severity: 'critical', subject, what: 'replication-stopped', params }];
}

/** It is there, as a standby, and receives and applies what the primary writes. */
function follows(host: HostReport, facts: RuleFacts): boolean {
  const channel = heartbeatOf(facts, host.name)?.database.channel;
  return serverIsUp(host) && host.role === 'standby' && channel?.ioRunning === 'Yes' && channel.sqlRunning;
}

function diskFindings({ name, diskFreeBytes, diskTotalBytes }: HostReport): FoundBy[] {
  if (diskFreeBytes === null || diskTotalBytes === null || diskTotalBytes === 0) return [];
  const used = 1 - diskFreeBytes / diskTotalBytes;
  if (used < DISK_WARNING) return [];
  const severity = used < DISK_CRITICAL ? 'warning' : 'critical';
  const params = { percent: Math.floor(used * 100), freeBytes: diskFreeBytes };
  return [{ severity, subject: name, what: 'disk-full', params }];
}

/** Of a disk that has room still, but not for long. */
function forecastFindings(host: HostReport): FoundBy[] {
  const { name, diskDaysLeft: days } = host;
  if (days === null || days > FORECAST_WARNING_DAYS || diskFindings(host).length > 0) return [];
  const severity = days <= FORECAST_CRITICAL_DAYS ? 'critical' : 'warning';
  return [{ severity, subject: name, what: 'disk-fills', params: { days } }];
}

function certificateFindings({ name: host, certificates }: HostReport): FoundBy[] {
  return certificates
    .filter(({ daysLeft }) => daysLeft <= CERTIFICATE_WARNING_DAYS)
    .map(({ name, daysLeft }) => ({
      severity: daysLeft <= CERTIFICATE_CRITICAL_DAYS ? 'critical' : 'warning',
      ...{ subject: host, what: 'certificate', params: { host, name, daysLeft } },
    }));
}
