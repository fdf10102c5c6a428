/** What a health report is made from, and what it says: the shapes between gathering, judging and formatting. */

import type { OutageCause } from '../../shared/api/history.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { StoredRun } from '../store/runs.ts';
import type { Sample, SampleRange } from '../store/samples.ts';
import type { GtidDifference } from '../watch/gtid.ts';
import type { DiskForecast } from './disk-forecast.ts';
import type { Found, Replication } from './findings.ts';

/** One host as it answered just now; exactly one of heartbeat and error. */
export interface HostReading {
  readonly name: string;
  readonly address: string;
  readonly heartbeat: Heartbeat | null;
  /** Why there is no heartbeat. */
  readonly error: string | null;
  /** Coordinator's clock when the heartbeat arrived, ms since the epoch. */
  readonly receivedAt: number;
}

export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface PairReadings {
  readonly pair: PairSpec;
  readonly period: Period;
  readonly hosts: readonly [HostReading, HostReading];
  /** Events of the pair in the period, oldest first. */
  readonly events: readonly StoredEvent[];
  /** Runs of deploy and drill that began in the period. */
  readonly runs: readonly StoredRun[];
  /** Why the VIP was away, by the id of the event that ended it, as far as it is known. */
  readonly causes?: ReadonlyMap<number, OutageCause>;
  /** Absent where only this moment is judged. */
  readonly trend?: TrendReadings;
}

export interface LastDrill {
  readonly time: number;
  /** How long clients waited; null where it is not known. */
  readonly outageMs: number | null;
}

/** What the store says of the period, of the one before it, and of the last weeks. */
export interface TrendReadings {
  readonly now: SampleRange;
  readonly before: SampleRange;
  readonly month: readonly Sample[];
  readonly failoversBefore: readonly Failover[];
  /** Since when the VIP is missing, ms since the epoch; null while it is not. */
  readonly awaySince: number | null;
  readonly lastDrill: LastDrill | null;
}

export interface PeriodFigures {
  /** Share of the period in which the VIP was somewhere; null where nobody watched. */
  readonly availability: number | null;
  /** Time without the VIP, all in all, and what of it was a drill or a switchover. */
  readonly downMs: number;
  readonly plannedMs: number;
  readonly interruptions: number;
  /** Share of the period in which the daemon watched. */
  readonly watched: number;
  /** Share of the time in SYNC. */
  readonly inSync: number | null;
  readonly lagMostSeconds: number | null;
  /** Commits a second. */
  readonly commitsMean: number | null;
  readonly commitsMost: number | null;
  readonly loadMost: number | null;
}

export interface TrendSeries {
  readonly metric: 'commits' | 'lag' | 'load' | 'disk';
  /** Null: of the pair. */
  readonly host: string | null;
  /** Evenly over the period: commits a second, seconds, load, bytes free. Null where nobody watched. */
  readonly values: readonly (number | null)[];
}

export interface PairTrend {
  readonly figures: PeriodFigures;
  /** Of as long a time before the period; null where nobody watched. */
  readonly previous: PeriodFigures | null;
  readonly lastDrill: LastDrill | null;
  readonly disks: readonly ({ readonly host: string } & DiskForecast)[];
  readonly series: readonly TrendSeries[];
}

/** ms since the epoch of schedules at which the daemon was not running. */
export type MissedSchedules = readonly number[];

export type Grade = 'healthy' | 'attention' | 'critical';

/** What a rule found, and about whom. */
export type FoundBy = Found & { readonly severity: 'critical' | 'warning'; readonly subject: string };

export type Finding = FoundBy & {
  /** Id of the rule in pair-health-rules.ts or host-health-rules.ts. */
  readonly rule: string;
  /** What was found, one sentence in English. */
  readonly detail: string;
  /** What to do about it, one sentence in English. */
  readonly remedy: string;
};

export interface CertificateReport {
  readonly name: string;
  readonly expires: number;
  /** Whole days; negative when it has expired. */
  readonly daysLeft: number;
}

export interface HostReport {
  readonly name: string;
  readonly address: string;
  readonly reachable: boolean;
  readonly error: string | null;
  readonly role: string;
  readonly hasVip: boolean;
  readonly serverVersion: string | null;
  readonly writable: boolean | null;
  readonly channel: Replication;
  /** "from db2, both threads run" or what is wrong, in English. */
  readonly replication: string;
  readonly lagSeconds: number | null;
  readonly gtid: string;
  readonly diskFreeBytes: number | null;
  readonly diskTotalBytes: number | null;
  /** Days until the disk is full, if it goes on like this; null where that is not to be seen. */
  readonly diskDaysLeft: number | null;
  readonly load1: number | null;
  readonly hostUptimeSeconds: number | null;
  readonly serverUptimeSeconds: number | null;
  readonly certificates: readonly CertificateReport[];
}

/** One interruption: the VIP went from one host to another, or was away and came back (from equals to). */
export interface Failover {
  /** Of the event that ended it. */
  readonly id: number;
  readonly time: number;
  readonly from: string;
  readonly to: string;
  /** Null when it happened while nobody watched. */
  readonly gapMs: number | null;
  /** From heartbeats alone it was no longer than this. */
  readonly atMost: boolean;
  /** It was part of a drill. */
  readonly drill: boolean;
  /** Null where nothing says why. */
  readonly cause: OutageCause | null;
}

export interface PairReport {
  readonly pair: string;
  readonly vip: string;
  readonly grade: Grade;
  /** The verdict in one line. */
  readonly headline: string;
  readonly period: Period;
  /** Most urgent first. */
  readonly findings: readonly Finding[];
  readonly primary: string | null;
  readonly vipHolders: readonly string[];
  readonly hosts: readonly HostReport[];
  readonly gtidDifference: readonly GtidDifference[];
  readonly failovers: readonly Failover[];
  /** Time without the VIP and until writes were accepted, as far as it is known, drills left out. */
  readonly outageMs: number;
  readonly runs: readonly StoredRun[];
  /** Null where only this moment was judged. */
  readonly trend: PairTrend | null;
}

export interface HealthReport {
  readonly grade: Grade;
  readonly headline: string;
  readonly time: number;
  readonly timezone: string;
  readonly missed: MissedSchedules;
  readonly pairs: readonly PairReport[];
}
