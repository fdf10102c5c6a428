/** The tables of a report as rows of text, the same for text and HTML. Pure. */

import type { OutageCause } from '../../shared/api/history.ts';
import type { HostReport, PairReport, PairTrend, PeriodFigures } from './health-report.ts';
import { bytes, count, days, duration, localTime, milliseconds, percent } from './units.ts';

export interface ReportTable {
  readonly title: string;
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const UNKNOWN = '?';
const DAY_MS = 86_400_000;
const NOT_WATCHED = 'not watched';
const CAUSES: Readonly<Record<OutageCause, string>> = {
  'server-down': 'its server stopped',
  'host-lost': 'the host was lost',
  isolated: 'the host was cut off',
  'disk-full': 'its disk was full',
  planned: 'planned',
  drill: 'drill',
  unknown: 'not known',
};

export function reportTables(report: PairReport, timezone: string): ReportTable[] {
  return [
    ...figuresTable(report),
    ...failoverTable(report, timezone),
    hostsTable(report),
    ...runTable(report, timezone),
  ];
}

function figuresTable({ trend }: PairReport): ReportTable[] {
  if (trend === null) return [];
  const { figures, previous } = trend;
  const row = (title: string, words: (figures: PeriodFigures) => string): string[] => [
    title,
    words(figures),
    previous === null ? NOT_WATCHED : words(previous),
  ];
  return [
    {
      title: 'In figures',
      heading: ['', 'this period', 'the one before'],
      rows: [
        row('available', ({ availability }) => known(availability, percent)),
        row('interruptions', ({ interruptions }) => String(interruptions)),
        row('without VIP', ({ downMs }) => (downMs === 0 ? '-' : milliseconds(downMs))),
        row('in SYNC', ({ inSync }) => known(inSync, percent)),
        row('highest lag', ({ lagMostSeconds }) => known(lagMostSeconds, (lag) => `${count(lag)} s`)),
        row('commits a second', ({ commitsMean, commitsMost }) =>
          known(commitsMean, (mean) => `${count(mean)}, at most ${count(commitsMost ?? mean)}`),
        ),
        row('highest load', ({ loadMost }) => known(loadMost, count)),
        ...(figures.watched === 1 && (previous?.watched ?? 1) === 1
          ? []
          : [row('watched', ({ watched }) => percent(Math.floor(watched * 100) / 100))]),
      ],
    },
  ];
}

function known(value: number | null, words: (value: number) => string): string {
  return value === null ? UNKNOWN : words(value);
}

function hostsTable({ hosts, trend }: PairReport): ReportTable {
  const row = (title: string, words: (host: HostReport) => string): string[] => [title, ...hosts.map(words)];
  return {
    title: 'Hosts',
    heading: ['', ...hosts.map(({ name }) => name)],
    rows: [
      row('address', ({ address }) => address),
      row('role', ({ role, hasVip }) => (hasVip ? `${role}, VIP` : role)),
      row('server', serverWords),
      row('writes', writesWord),
      row('replication', ({ replication }) => replication),
      row('lag', ({ lagSeconds }) => known(lagSeconds, (lag) => `${lag} s`)),
      row('disk free', diskWords),
      ...(trend === null ? [] : [row('disk full', (host) => forecastWords(host, trend))]),
      row('load', ({ load1 }) => known(load1, (load) => load.toFixed(2))),
      row('host up', ({ hostUptimeSeconds }) => known(hostUptimeSeconds, duration)),
      row('certificates', certificateWords),
    ],
  };
}

function serverWords({ serverVersion, serverUptimeSeconds, reachable }: HostReport): string {
  if (serverVersion === null) return reachable ? 'down' : UNKNOWN;
  const up = serverUptimeSeconds === null ? '' : `, up ${duration(serverUptimeSeconds)}`;
  return `${serverVersion.replace(/-.*$/, '')}${up}`;
}

/** By how the free space went in the last weeks. */
function forecastWords({ name, diskDaysLeft }: HostReport, trend: PairTrend): string {
  if (diskDaysLeft !== null) return `in about ${days(diskDaysLeft)}`;
  const measured = trend.disks.find(({ host }) => host === name)?.bytesPerDay ?? null;
  return measured === null ? 'not known yet' : 'not within a year';
}

function writesWord(host: HostReport): string {
  if (host.writable === null) return host.reachable ? 'no' : UNKNOWN;
  return host.writable ? 'yes' : 'read-only';
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
      heading: ['time', 'VIP', 'without it', 'why'],
      rows: report.failovers.map((one) => [
        localTime(one.time, timezone),
        one.from === one.to ? `back on ${one.to}` : `${one.from} → ${one.to}`,
        one.gapMs === null ? 'not watched' : milliseconds(one.gapMs),
        one.cause === null ? UNKNOWN : CAUSES[one.cause],
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

/** Sentences below the tables: failovers and outage, GTID difference, the last drill. */
export function reportSummary(report: PairReport, now: number): string[] {
  const length = duration((report.period.to - report.period.from) / 1000);
  const real = report.failovers.filter((one) => !one.drill && one.from !== one.to).length;
  const outage = report.outageMs === 0 ? '' : `; interrupted for ${milliseconds(report.outageMs)} in all`;
  return [
    `Failovers in the last ${length}: ${real}${outage}.`,
    report.hosts.some((host) => host.serverVersion === null)
      ? 'GTID difference: not known, a server does not answer.'
      : gtidWords(report),
    ...drillWords(report, now),
  ];
}

function drillWords({ pair, trend }: PairReport, now: number): string[] {
  if (trend === null) return [];
  const { lastDrill } = trend;
  if (lastDrill === null) return [`No drill was done yet: coordinator drill ${pair}.`];
  const age = Math.floor((now - lastDrill.time) / DAY_MS);
  const waited = lastDrill.outageMs === null ? '' : `; clients waited ${milliseconds(lastDrill.outageMs)}`;
  return [`Last drill: ${age === 0 ? 'today' : `${days(age)} ago`}${waited}.`];
}

function gtidWords(report: PairReport): string {
  if (report.gtidDifference.length === 0)
    return `GTID difference: none, both servers are at ${report.hosts[0]?.gtid || 'the beginning'}.`;
  const parts = report.gtidDifference.map((one) => `${one.ahead} is ${one.by} ahead in domain ${one.domain}`);
  const places = report.hosts.map(({ name, gtid }) => `${name} at ${gtid || 'the beginning'}`);
  return `GTID difference: ${parts.join(', ')} (${places.join(', ')}).`;
}
