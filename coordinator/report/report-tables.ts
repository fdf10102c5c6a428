/** The tables of a report as rows of text, the same for text and HTML. Pure. */

import type { HostReport, PairReport, PairTrend, PeriodFigures } from './health-report.ts';
import { bytes, count, localTime, percent } from './units.ts';
import type { ReportWords } from './words.ts';

export interface ReportTable {
  readonly title: string;
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const UNKNOWN = '?';
const DAY_MS = 86_400_000;

export function reportTables(report: PairReport, timezone: string, words: ReportWords): ReportTable[] {
  return [
    ...figuresTable(report, words),
    ...failoverTable(report, timezone, words),
    hostsTable(report, words),
    ...runTable(report, timezone, words),
  ];
}

function figuresTable({ trend }: PairReport, words: ReportWords): ReportTable[] {
  if (trend === null) return [];
  const { figures, previous } = trend;
  const { title, heading, rows, commits } = words.figures;
  const row = (name: string, say: (figures: PeriodFigures) => string): string[] => [
    ...[name, say(figures), previous === null ? words.notWatched : say(previous)],
  ];
  return [
    {
      title,
      heading: ['', ...heading],
      rows: [
        row(rows.available, ({ availability }) => known(availability, percent)),
        row(rows.interruptions, ({ interruptions }) => String(interruptions)),
        row(rows.withoutVip, ({ downMs }) => (downMs === 0 ? '-' : words.milliseconds(downMs))),
        row(rows.inSync, ({ inSync }) => known(inSync, percent)),
        row(rows.lag, ({ lagMostSeconds }) => known(lagMostSeconds, (lag) => `${count(lag)} s`)),
        row(rows.commits, ({ commitsMean, commitsMost }) =>
          known(commitsMean, (mean) => commits(count(mean), count(commitsMost ?? mean))),
        ),
        row(rows.load, ({ loadMost }) => known(loadMost, count)),
        ...(figures.watched === 1 && (previous?.watched ?? 1) === 1
          ? []
          : [row(rows.watched, ({ watched }) => percent(Math.floor(watched * 100) / 100))]),
      ],
    },
  ];
}

function known(value: number | null, words: (value: number) => string): string {
  return value === null ? UNKNOWN : words(value);
}

function hostsTable({ hosts, trend }: PairReport, words: ReportWords): ReportTable {
  const { title, rows } = words.hosts;
  const row = (name: string, say: (host: HostReport) => string): string[] => [name, ...hosts.map(say)];
  const roleOf = (role: string): string => words.roles[role] ?? role;
  return {
    title,
    heading: ['', ...hosts.map(({ name }) => name)],
    rows: [
      row(rows.address, ({ address }) => address),
      row(rows.role, ({ role, hasVip }) => (hasVip ? `${roleOf(role)}, VIP` : roleOf(role))),
      row(rows.server, (host) => serverWords(host, words)),
      row(rows.writes, (host) => writesWord(host, words)),
      row(rows.replication, ({ channel }) => words.replication(channel)),
      row(rows.lag, ({ lagSeconds }) => known(lagSeconds, (lag) => `${lag} s`)),
      row(rows.diskFree, diskWords),
      ...(trend === null ? [] : [row(rows.diskFull, (host) => forecastWords(host, trend, words))]),
      row(rows.load, ({ load1 }) => known(load1, (load) => load.toFixed(2))),
      row(rows.hostUp, ({ hostUptimeSeconds }) => known(hostUptimeSeconds, words.duration)),
      row(rows.certificates, (host) => certificateWords(host, words)),
    ],
  };
}

function serverWords({ serverVersion, serverUptimeSeconds, reachable }: HostReport, words: ReportWords) {
  if (serverVersion === null) return reachable ? words.serverDown : UNKNOWN;
  const version = serverVersion.replace(/-.*$/, '');
  return serverUptimeSeconds === null
    ? version
    : words.serverUp(version, words.duration(serverUptimeSeconds));
}

/** By how the free space went in the last weeks. */
function forecastWords({ name, diskDaysLeft }: HostReport, trend: PairTrend, words: ReportWords): string {
  if (diskDaysLeft !== null) return words.fullIn(words.days(diskDaysLeft));
  const measured = trend.disks.find(({ host }) => host === name)?.bytesPerDay ?? null;
  return measured === null ? words.fullUnknown : words.fullNever;
}

function writesWord({ writable, reachable }: HostReport, { yes, no, readOnly }: ReportWords): string {
  if (writable === null) return reachable ? no : UNKNOWN;
  return writable ? yes : readOnly;
}

function diskWords(host: HostReport): string {
  if (host.diskFreeBytes === null || host.diskTotalBytes === null) return UNKNOWN;
  const share = host.diskTotalBytes === 0 ? 0 : Math.round((100 * host.diskFreeBytes) / host.diskTotalBytes);
  return `${bytes(host.diskFreeBytes)} (${share} %)`;
}

/** Each with its days left; once where they all have the same. */
function certificateWords({ certificates }: HostReport, { days }: ReportWords): string {
  const [first] = certificates;
  if (first === undefined) return '-';
  return certificates.every(({ daysLeft }) => daysLeft === first.daysLeft)
    ? days(first.daysLeft)
    : certificates.map(({ name, daysLeft }) => `${name} ${days(daysLeft)}`).join(', ');
}

function failoverTable({ failovers }: PairReport, timezone: string, words: ReportWords): ReportTable[] {
  if (failovers.length === 0) return [];
  const { title, heading, back, causes } = words.interruptions;
  const length = (ms: number, atMost: boolean): string =>
    atMost ? words.atMost(words.milliseconds(ms)) : words.milliseconds(ms);
  const rows = failovers.map(({ time, from, to, gapMs, atMost, cause }) => [
    localTime(time, timezone),
    from === to ? back(to) : `${from} → ${to}`,
    gapMs === null ? words.notWatched : length(gapMs, atMost),
    cause === null ? UNKNOWN : causes[cause],
  ]);
  return [{ title, heading, rows }];
}

function runTable({ runs }: PairReport, timezone: string, words: ReportWords): ReportTable[] {
  if (runs.length === 0) return [];
  const { title, heading, outcomes, notEnded } = words.runs;
  const rows = runs.map(({ started, command, outcome, changes, ended }) => [
    ...[localTime(started, timezone), command, outcome === null ? notEnded : outcomes[outcome]],
    changes === null ? '-' : String(changes),
    ended === null ? '-' : words.milliseconds(ended - started),
  ]);
  return [{ title, heading, rows }];
}

/** Sentences below the tables: failovers and outage, GTID difference, the last drill. */
export function reportSummary(report: PairReport, now: number, words: ReportWords): string[] {
  const { failovers, outageMs, period, hosts } = report;
  const length = words.duration((period.to - period.from) / 1000);
  const real = failovers.filter((one) => !one.drill && one.from !== one.to).length;
  return [
    words.summary.failovers(length, real, outageMs === 0 ? null : words.milliseconds(outageMs)),
    hosts.some((host) => host.serverVersion === null) ? words.summary.gtidUnknown : gtidWords(report, words),
    ...drillWords(report, now, words),
  ];
}

function drillWords({ pair, trend }: PairReport, now: number, words: ReportWords): string[] {
  if (trend === null) return [];
  const { lastDrill } = trend;
  if (lastDrill === null) return [words.summary.noDrill(pair)];
  const age = Math.floor((now - lastDrill.time) / DAY_MS);
  const waited = lastDrill.outageMs === null ? null : words.milliseconds(lastDrill.outageMs);
  return [words.summary.drill(age, waited)];
}

function gtidWords({ gtidDifference, hosts }: PairReport, { summary }: ReportWords): string {
  if (gtidDifference.length === 0) return summary.gtidNone(hosts[0]?.gtid ?? '');
  return summary.gtid(
    gtidDifference,
    hosts.map(({ name, gtid }) => [name, gtid]),
  );
}
