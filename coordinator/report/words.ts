/** The text of reports in every language. A finding or a language that lacks a sentence does not compile. */

import type { OutageCause } from '../../shared/api/history.ts';
import type { Language } from '../../shared/model/language.ts';
import type { GtidDifference } from '../watch/gtid.ts';
import type { FindingWords, Replication } from './findings.ts';
import type { Finding, Grade, TrendSeries } from './health-report.ts';
import { ENGLISH } from './words-en.ts';
import { CHINESE } from './words-zh.ts';

export interface ReportWords {
  /** Of the HTML page. */
  readonly lang: string;
  readonly grades: Readonly<Record<Grade, string>>;
  readonly severities: Readonly<Record<Finding['severity'], string>>;
  readonly headline: {
    readonly healthy: (pair: string, primary: string, vip: string, standby: string) => string;
    /** `detail` ends with a full stop; `subject` is null where it is the pair itself. */
    readonly trouble: (
      grade: Grade,
      pair: string,
      subject: string | null,
      detail: string,
      more: number,
    ) => string;
    readonly all: (grade: Grade, count: number, of: Readonly<Record<Grade, readonly string[]>>) => string;
  };
  readonly findings: FindingWords;
  readonly attention: string;
  readonly calm: string;
  /** A finding in one line. */
  readonly item: (subject: string, detail: string) => string;
  readonly reportOf: (time: string, length: string | null) => string;
  readonly missed: (count: number, first: string, last: string) => string;
  readonly overview: { readonly title: string; readonly heading: readonly string[] };
  readonly figures: {
    readonly title: string;
    readonly heading: readonly [string, string];
    readonly rows: Readonly<Record<FigureRow, string>>;
    readonly commits: (mean: string, most: string) => string;
  };
  readonly tiles: {
    readonly available: string;
    readonly interruptions: (count: number) => string;
    readonly lag: string;
    readonly never: string;
    readonly drilled: string;
    readonly sinceDrill: string;
  };
  readonly hosts: { readonly title: string; readonly rows: Readonly<Record<HostRow, string>> };
  /** A role that has no name here stays as it is. */
  readonly roles: Readonly<Record<string, string>>;
  readonly serverDown: string;
  readonly serverUp: (version: string, length: string) => string;
  readonly yes: string;
  readonly no: string;
  readonly readOnly: string;
  readonly fullIn: (days: string) => string;
  readonly fullUnknown: string;
  readonly fullNever: string;
  readonly replication: (channel: Replication) => string;
  readonly notWatched: string;
  readonly atMost: (length: string) => string;
  readonly interruptions: {
    readonly title: string;
    readonly heading: readonly string[];
    readonly back: (host: string) => string;
    readonly causes: Readonly<Record<OutageCause, string>>;
  };
  readonly runs: {
    readonly title: string;
    readonly heading: readonly string[];
    readonly outcomes: Readonly<Record<'ok' | 'failed' | 'refused' | 'interrupted', string>>;
    readonly notEnded: string;
  };
  readonly summary: {
    /** `interrupted` is null where nobody was. */
    readonly failovers: (length: string, count: number, interrupted: string | null) => string;
    readonly gtidUnknown: string;
    readonly gtidNone: (position: string) => string;
    readonly gtid: (differences: readonly GtidDifference[], places: readonly [string, string][]) => string;
    /** `days` is 0 where it was today. */
    readonly drill: (days: number, waited: string | null) => string;
    readonly noDrill: (pair: string) => string;
  };
  readonly charts: Readonly<Record<Exclude<TrendSeries['metric'], 'disk'>, string>>;
  readonly highest: (value: string) => string;
  readonly more: (count: number) => string;
  /** Lengths of time. */
  readonly milliseconds: (ms: number) => string;
  readonly duration: (seconds: number) => string;
  readonly days: (count: number) => string;
}

type FigureRow =
  | 'available'
  | 'interruptions'
  | 'withoutVip'
  | 'inSync'
  | 'lag'
  | 'commits'
  | 'load'
  | 'watched';
type HostRow =
  | ('address' | 'role' | 'server' | 'writes' | 'replication' | 'lag' | 'diskFree' | 'diskFull')
  | ('load' | 'hostUp' | 'certificates');

export const WORDS: Readonly<Record<Language, ReportWords>> = { en: ENGLISH, zh: CHINESE };
