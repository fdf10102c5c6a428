/** What needs attention on one host, rule by rule, most urgent first. Pure. */

import { driftWords } from '../watch/event-words.ts';
import type { Finding, HostReport } from './health-report.ts';
import { type Found, type HealthRule, heartbeatOf, type RuleFacts } from './health-rule.ts';
import { bytes, days, milliseconds } from './units.ts';

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
  find: (host: HostReport, facts: RuleFacts) => Found,
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
    find: eachHost('critical', (host) =>
      host.hasVip && host.writable === false
        ? {
            detail: 'It holds the VIP but its server is read-only.',
            remedy: 'coordinator logs shows what its guard waits for.',
          }
        : null,
    ),
  },
  {
    id: 'H2',
    find: eachHost('critical', (host) =>
      host.reachable && host.writable === null
        ? {
            detail: `The database server does not answer${host.error === null ? '' : ` (${host.error})`}.`,
            remedy: `coordinator logs ${host.name} shows why; coordinator deploy starts it.`,
          }
        : null,
    ),
  },
  {
    id: 'H3',
    find: eachHost('critical', (host) =>
      host.reachable
        ? null
        : {
            detail: `Its agent does not answer: ${host.error ?? 'no heartbeat'}`,
            remedy: 'Is the host up? systemctl status hotpair-agent there; coordinator agent install.',
          },
    ),
  },
  {
    id: 'H4',
    find: (facts) => facts.hosts.flatMap((host) => replicationFindings(host, facts)),
  },
  {
    id: 'H5',
    find: eachHost('critical', (host, facts) =>
      host.reachable && heartbeatOf(facts, host.name)?.guard === null
        ? {
            detail: 'The guard is down or silent, so the host cannot take over.',
            remedy: `coordinator logs ${host.name}; coordinator deploy starts it.`,
          }
        : null,
    ),
  },
  {
    id: 'H6',
    find: eachHost('critical', (host, facts) =>
      unitIsDown(facts, host, 'keepalived.service')
        ? {
            detail: 'keepalived does not run, so the host cannot hold the VIP.',
            remedy: `coordinator logs ${host.name}; coordinator deploy starts it.`,
          }
        : null,
    ),
  },
  { id: 'H7', find: (facts) => facts.hosts.flatMap(diskFindings) },
  { id: 'H12', find: (facts) => facts.hosts.flatMap(forecastFindings) },
  { id: 'H8', find: (facts) => facts.hosts.flatMap(certificateFindings) },
  {
    id: 'H9',
    find: eachHost('warning', (host) =>
      host.lagSeconds !== null && host.lagSeconds >= LAG_WARNING_SECONDS
        ? {
            detail: `It is ${host.lagSeconds} s behind.`,
            remedy: 'A failover now would wait for that; look for long statements and a slow disk.',
          }
        : null,
    ),
  },
  {
    id: 'H10',
    find: eachHost('warning', (host, facts) => {
      const reading = facts.readings.hosts.find((one) => one.name === host.name);
      const off = reading?.heartbeat == null ? 0 : reading.heartbeat.time - reading.receivedAt;
      if (Math.abs(off) < CLOCK_WARNING_MS) return null;
      return {
        detail: `Its clock is ${milliseconds(Math.abs(off))} ${off > 0 ? 'ahead of' : 'behind'} the coordinator's.`,
        remedy: 'Run a time service on all three machines.',
      };
    }),
  },
  {
    id: 'H11',
    find: eachHost('warning', (host, facts) => {
      const drift = heartbeatOf(facts, host.name)?.drift ?? [];
      if (drift.length === 0) return null;
      return {
        detail: `Not as deployed: ${driftWords(drift)}.`,
        remedy:
          'coordinator plan shows the difference and coordinator deploy puts it back; settings of your own belong into hotpair.yaml.',
      };
    }),
  },
];

/**
 * Where the other server is down, that is the thing to look at, and this follows from it. So it is on a primary until its
 * standby is back, that is, replicates from it: a take-over stops the channel for a moment, and what was heard last of the
 * other host may be older than its loss.
 */
function replicationFindings(host: HostReport, facts: RuleFacts): Omit<Finding, 'rule'>[] {
  if (!serverIsUp(host)) return [];
  const channel = heartbeatOf(facts, host.name)?.database.channel ?? null;
  if (channel?.ioRunning === 'Yes' && channel.sqlRunning) return [];
  const peer = facts.hosts.find((one) => one.name !== host.name);
  const isPrimary = host.role === 'primary';
  const waits = channel?.sqlRunning === true || (isPrimary && channel?.sqlError === '');
  if (waits && peer !== undefined && !(isPrimary ? follows(peer, facts) : serverIsUp(peer)))
    return [
      {
        ...{ severity: 'warning', subject: host.name },
        detail: `It has nothing to replicate from while ${peer.name} is ${serverIsUp(peer) ? 'not back as its standby' : 'down'}.`,
        remedy: `It goes on by itself when ${peer.name} is back.`,
      },
    ];
  const error = (channel?.sqlError || channel?.ioError || '').trim().replace(/\.$/, '');
  return [
    {
      ...{ severity: 'critical', subject: host.name },
      detail: `Replication does not run: ${host.replication}${error === '' ? '' : ` (${error})`}.`,
      remedy: 'coordinator status names the cause; coordinator deploy repairs the set-up.',
    },
  ];
}

/** It is there, as a standby, and receives and applies what the primary writes. */
function follows(host: HostReport, facts: RuleFacts): boolean {
  const channel = heartbeatOf(facts, host.name)?.database.channel;
  return serverIsUp(host) && host.role === 'standby' && channel?.ioRunning === 'Yes' && channel.sqlRunning;
}

function diskFindings(host: HostReport): Omit<Finding, 'rule'>[] {
  if (host.diskFreeBytes === null || host.diskTotalBytes === null || host.diskTotalBytes === 0) return [];
  const used = 1 - host.diskFreeBytes / host.diskTotalBytes;
  if (used < DISK_WARNING) return [];
  return [
    {
      severity: used < DISK_CRITICAL ? 'warning' : 'critical',
      subject: host.name,
      detail: `The disk of the data is ${Math.floor(used * 100)} % full, ${bytes(host.diskFreeBytes)} are left.`,
      remedy:
        'Free space or grow the disk before the server stops; old binary logs are often the largest part.',
    },
  ];
}

/** Of a disk that has room still, but not for long. */
function forecastFindings(host: HostReport): Omit<Finding, 'rule'>[] {
  const { name, diskDaysLeft } = host;
  if (diskDaysLeft === null || diskDaysLeft > FORECAST_WARNING_DAYS || diskFindings(host).length > 0)
    return [];
  return [
    {
      severity: diskDaysLeft <= FORECAST_CRITICAL_DAYS ? 'critical' : 'warning',
      subject: name,
      detail: `The disk of the data is full in about ${days(diskDaysLeft)} if it goes on as in the last weeks.`,
      remedy: 'See what grows: old binary logs are often the largest part.',
    },
  ];
}

function certificateFindings(host: HostReport): Omit<Finding, 'rule'>[] {
  return host.certificates
    .filter((certificate) => certificate.daysLeft <= CERTIFICATE_WARNING_DAYS)
    .map((certificate) => ({
      severity: certificate.daysLeft <= CERTIFICATE_CRITICAL_DAYS ? 'critical' : 'warning',
      subject: host.name,
      detail:
        certificate.daysLeft < 0
          ? `The ${certificate.name} certificate has expired.`
          : `The ${certificate.name} certificate expires in ${days(certificate.daysLeft)}.`,
      remedy: `coordinator agent install ${host.name} issues new ones.`,
    }));
}
