/** The tables of a report as rows of text, the same for text and HTML. Pure. */

import type { HostReport, PairReport } from './health-report.ts';
import { bytes, days, duration, localTime, milliseconds } from './units.ts';

export interface ReportTable {
  readonly title: string;
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const UNKNOWN = '?';

export function reportTables(report: PairReport, timezone: string): ReportTable[] {
  return [
    rolesTable(report),
    machinesTable(report),
    ...failoverTable(report, timezone),
    ...runTable(report, timezone),
  ];
}

function rolesTable(report: PairReport): ReportTable {
  return {
    title: 'Servers',
    heading: ['host', 'role', 'VIP', 'server', 'writes', 'replication', 'lag'],
    rows: report.hosts.map((host) => [
      host.name,
      host.role,
      host.hasVip ? 'yes' : host.reachable ? '-' : UNKNOWN,
      host.serverVersion?.replace(/-.*$/, '') ?? (host.reachable ? 'down' : UNKNOWN),
      writesWord(host),
      host.replication,
      host.lagSeconds === null ? UNKNOWN : `${host.lagSeconds} s`,
    ]),
  };
}

function writesWord(host: HostReport): string {
  if (host.writable === null) return host.reachable ? 'no' : UNKNOWN;
  return host.writable ? 'yes' : 'read-only';
}

function machinesTable(report: PairReport): ReportTable {
  return {
    title: 'Hosts',
    heading: ['host', 'address', 'disk free', 'load', 'host up', 'server up', 'certificates'],
    rows: report.hosts.map((host) => [
      host.name,
      host.address,
      diskWords(host),
      host.load1 === null ? UNKNOWN : host.load1.toFixed(2),
      host.hostUptimeSeconds === null ? UNKNOWN : duration(host.hostUptimeSeconds),
      host.serverUptimeSeconds === null ? '-' : duration(host.serverUptimeSeconds),
      certificateWords(host),
    ]),
  };
}

function diskWords(host: HostReport): string {
  if (host.diskFreeBytes === null || host.diskTotalBytes === null) return UNKNOWN;
  const percent =
    host.diskTotalBytes === 0 ? 0 : Math.round((100 * host.diskFreeBytes) / host.diskTotalBytes);
  return `${bytes(host.diskFreeBytes)} (${percent} %)`;
}

/** Each with its days left; once where they all have the same. */
function certificateWords({ certificates }: HostReport): string {
  const [first] = certificates;
  if (first === undefined) return '-';
  return certificates.every(({ daysLeft }) => daysLeft === first.daysLeft)
    ? days(first.daysLeft)
    : certificates.map(({ name, daysLeft }) => `${name} ${days(daysLeft)}`).join(', ');
}

function failoverTable(report: PairReport, timezone: string): ReportTable[] {
  if (report.failovers.length === 0) return [];
  return [
    {
      title: 'Interruptions',
      heading: ['time', 'VIP from', 'to', 'without VIP', ''],
      rows: report.failovers.map((one) => [
        localTime(one.time, timezone),
        one.from,
        one.to,
        one.gapMs === null ? 'not watched' : milliseconds(one.gapMs),
        one.drill ? 'drill' : '',
      ]),
    },
  ];
}

function runTable(report: PairReport, timezone: string): ReportTable[] {
  if (report.runs.length === 0) return [];
  return [
    {
      title: 'Runs',
      heading: ['time', 'command', 'outcome', 'changes', 'took'],
      rows: report.runs.map((run) => [
        localTime(run.started, timezone),
        run.command,
        run.outcome ?? 'not ended',
        run.changes === null ? '-' : String(run.changes),
        run.ended === null ? '-' : milliseconds(run.ended - run.started),
      ]),
    },
  ];
}

/** Sentences below the tables: GTID difference, failovers and outage. */
export function reportSummary(report: PairReport): string[] {
  const length = duration((report.period.to - report.period.from) / 1000);
  const real = report.failovers.filter((one) => !one.drill && one.from !== one.to).length;
  const outage = report.outageMs === 0 ? '' : `; interrupted for ${milliseconds(report.outageMs)} in all`;
  return [
    `Failovers in the last ${length}: ${real}${outage}.`,
    report.hosts.some((host) => host.serverVersion === null)
      ? 'GTID difference: not known, a server does not answer.'
      : gtidWords(report),
  ];
}

function gtidWords(report: PairReport): string {
  if (report.gtidDifference.length === 0)
    return `GTID difference: none, both servers are at ${report.hosts[0]?.gtid || 'the beginning'}.`;
  const parts = report.gtidDifference.map((one) => `${one.ahead} is ${one.by} ahead in domain ${one.domain}`);
  const places = report.hosts.map(({ name, gtid }) => `${name} at ${gtid || 'the beginning'}`);
  return `GTID difference: ${parts.join(', ')} (${places.join(', ')}).`;
}
