/** From readings to a judged report: what is so, what needs attention first, and the verdict in one line. Pure. */

import type { StoredEvent } from '../store/event-log.ts';
import { gtidDifference, parseGtidPosition } from '../watch/gtid.ts';
import { sentencesOf } from './findings.ts';
import { pairHeadline, reportHeadline } from './headline.ts';
import type {
  Failover,
  Finding,
  Grade,
  HealthReport,
  HostReading,
  HostReport,
  MissedSchedules,
  PairReadings,
  PairReport,
} from './health-report.ts';
import { HOST_HEALTH_RULES } from './host-health-rules.ts';
import { describeHost } from './host-report.ts';
import { interruptionMs, PAIR_HEALTH_RULES } from './pair-health-rules.ts';
import { trendOf } from './trend.ts';
import { ENGLISH } from './words-en.ts';

/** GTID domain of the pair's own stream; hotpair's rows on a standby have domains of their own. */
const PAIR_DOMAIN = 0;
const GRADES: readonly Grade[] = ['healthy', 'attention', 'critical'];

export function judgeHealth(
  pairs: readonly PairReadings[],
  context: { readonly time: number; readonly timezone: string; readonly missed: MissedSchedules },
): HealthReport {
  const reports = pairs.map((readings) => judgePair(readings, context.time));
  const worst = Math.max(0, ...reports.map((report) => GRADES.indexOf(report.grade)));
  const judged = { grade: GRADES[worst] ?? 'healthy', pairs: reports };
  const { grade } = judged;
  return { grade, headline: reportHeadline(judged, ENGLISH), ...context, pairs: reports };
}

export function judgePair(readings: PairReadings, now: number): PairReport {
  const [first, second] = readings.hosts;
  const failovers = withCauses(failoversOf(readings.events), readings.causes);
  const trend =
    readings.trend === undefined
      ? null
      : trendOf(readings.trend, [first.name, second.name], failovers, readings.period);
  const describe = (one: HostReading, other: HostReading): HostReport => ({
    ...describeHost(one, other, readings.pair, now),
    diskDaysLeft: trend?.disks.find(({ host }) => host === one.name)?.daysLeft ?? null,
  });
  const hosts = [describe(first, second), describe(second, first)] as const;
  const primary = hosts.find((host) => host.role === 'primary')?.name ?? null;
  const difference = bothPositions(first, second);
  const errant = difference.filter(
    ({ domain, ahead }) =>
      domain === PAIR_DOMAIN && primary !== null && ahead !== primary && !isLaterLook(readings, primary),
  );
  const errantBy = errant.reduce((sum, one) => sum + one.by, 0);
  const findings = sortFindings(
    [...PAIR_HEALTH_RULES, ...HOST_HEALTH_RULES].flatMap((rule) =>
      rule
        .find({ readings, hosts, failovers, errantBy })
        .map((found) => ({ rule: rule.id, ...found, ...sentencesOf(ENGLISH.findings, found) })),
    ),
  );
  const outageMs = failovers.filter((one) => !one.drill).reduce((sum, one) => sum + interruptionMs(one), 0);
  const { name: pair, vip } = readings.pair;
  const judged = { pair, vip, grade: gradeOf(findings), findings, primary, hosts };
  return {
    ...{ ...judged, headline: pairHeadline(judged, ENGLISH), period: readings.period },
    vipHolders: hosts.filter((host) => host.hasVip).map((host) => host.name),
    ...{ gtidDifference: difference, failovers, outageMs, runs: readings.runs, trend },
  };
}

function bothPositions(a: HostReading, b: HostReading): ReturnType<typeof gtidDifference> {
  if (!a.heartbeat?.database.up || !b.heartbeat?.database.up) return [];
  return gtidDifference(
    { name: a.name, position: a.heartbeat.database.gtidBinlogPos },
    { name: b.name, position: b.heartbeat.database.gtidBinlogPos },
  );
}

/**
 * The standby is ahead with what the primary itself wrote: it was looked at later, and has nothing of its own. A server's
 * id is the position of its host in the file.
 */
function isLaterLook({ pair, hosts }: PairReadings, primary: string): boolean {
  const writer = pair.hosts.find(({ name }) => name === primary)?.ordinal;
  const standby = hosts.find(({ name }) => name !== primary)?.heartbeat?.database.gtidBinlogPos ?? '';
  const own = parseGtidPosition(standby).filter(({ domain }) => domain === PAIR_DOMAIN);
  return own.toSorted((a, b) => b.sequence - a.sequence)[0]?.server === writer;
}

/** Critical before warning; within them the order of the rules. */
function sortFindings(findings: readonly Finding[]): Finding[] {
  return [
    ...findings.filter((finding) => finding.severity === 'critical'),
    ...findings.filter((finding) => finding.severity === 'warning'),
  ];
}

function gradeOf(findings: readonly Finding[]): Grade {
  if (findings.some((finding) => finding.severity === 'critical')) return 'critical';
  return findings.length > 0 ? 'attention' : 'healthy';
}

/** A drill that never said its end (its process was killed) is over after this. */
const DRILL_MS = 600_000;

/** Times without the VIP; between the start and the end of a drill they belong to the drill. */
export function failoversOf(events: readonly StoredEvent[]): Failover[] {
  let drillUntil = 0;
  return events.flatMap((event) => {
    if (event.kind === 'DrillStarted') drillUntil = event.time + DRILL_MS;
    if (event.kind === 'DrillFinished') drillUntil = 0;
    const drill = event.time < drillUntil;
    if (event.kind === 'VipMoved') return movedOf(event, drill);
    return event.kind === 'VipRestored' ? returnedOf(event, drill) : [];
  });
}

function withCauses(failovers: readonly Failover[], causes: PairReadings['causes']): Failover[] {
  return failovers.map((one) => ({ ...one, cause: causes?.get(one.id) ?? one.cause }));
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The first sight of a holder is no move. */
function movedOf({ id, time, data }: StoredEvent, drill: boolean): Failover[] {
  const { from, to, gapMs } = data;
  if (typeof from !== 'string' || typeof to !== 'string') return [];
  return [{ id, from, to, gapMs: numberOf(gapMs), ...endOf(time, data), ...drillOf(drill) }];
}

function returnedOf({ id, time, host, data }: StoredEvent, drill: boolean): Failover[] {
  const gapMs = numberOf(data['missingMs']);
  if (host === null || gapMs === null) return [];
  return [{ id, from: host, to: host, gapMs, ...endOf(time, data), ...drillOf(drill) }];
}

const drillOf = (drill: boolean) => ({ drill, cause: drill ? ('drill' as const) : null });
const endOf = (time: number, { ended, gapFrom }: StoredEvent['data']) => ({
  time: numberOf(ended) ?? time,
  atMost: gapFrom === 'heartbeats',
});
