/** A report as text: the verdict in the first line, what needs attention, then the facts. Pure. */

import type { Language } from '../../shared/model/language.ts';
import { type Chart, chartsOf, sparkline } from './charts.ts';
import { sentencesOf } from './findings.ts';
import { pairHeadline, reportHeadline } from './headline.ts';
import type { Finding, Grade, HealthReport, PairReport } from './health-report.ts';
import { type ReportTable, reportSummary, reportTables } from './report-tables.ts';
import { columnsOf, localTime } from './units.ts';
import { type ReportWords, WORDS } from './words.ts';

type Paint = (text: string) => string;

/** Colours for a terminal; the default paints nothing. */
export interface ReportPaint {
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
}

const same: Paint = (text) => text;
export const NO_PAINT: ReportPaint = { good: same, warn: same, bad: same, strong: same, faint: same };

export function formatText(report: HealthReport, language: Language, paint: ReportPaint = NO_PAINT): string {
  const words = WORDS[language];
  const several = report.pairs.length > 1;
  const lines = [
    gradePaint(report.grade, paint)(reportHeadline(report, words)),
    paint.faint(words.reportOf(localTime(report.time, report.timezone, true), null)),
    ...missedLines(report, words, paint),
    ...report.pairs.flatMap((pair) => pairLines(pair, report, { several, words, paint })),
  ];
  return `${lines.join('\n')}\n`;
}

function gradePaint(grade: Grade, paint: ReportPaint): Paint {
  if (grade === 'healthy') return paint.good;
  return grade === 'critical' ? paint.bad : paint.warn;
}

/** Null when none was missed. */
export function missedSentence(report: HealthReport, words: ReportWords): string | null {
  const [first] = report.missed;
  const last = report.missed.at(-1);
  if (first === undefined || last === undefined) return null;
  const at = (time: number): string => localTime(time, report.timezone);
  return words.missed(report.missed.length, at(first), at(last));
}

function missedLines(report: HealthReport, words: ReportWords, paint: ReportPaint): string[] {
  const sentence = missedSentence(report, words);
  return sentence === null ? [] : [paint.warn(sentence)];
}

function pairLines(
  report: PairReport,
  { time, timezone }: HealthReport,
  { several, words, paint }: { several: boolean; words: ReportWords; paint: ReportPaint },
): string[] {
  return [
    '',
    `${paint.strong(report.pair)}  ${paint.faint(`VIP ${report.vip}`)}`,
    ...(several ? [gradePaint(report.grade, paint)(pairHeadline(report, words))] : []),
    '',
    ...findingLines(report.findings, words, paint),
    ...reportTables(report, timezone, words).flatMap((table) => tableLines(table, paint)),
    ...chartsOf(report, words).flatMap((chart) => chartLines(chart, paint)),
    ...reportSummary(report, time, words),
  ];
}

function findingLines(findings: readonly Finding[], words: ReportWords, paint: ReportPaint): string[] {
  if (findings.length === 0) return [words.calm, ''];
  const wide = Math.max(...Object.values(words.severities).map(columnsOf));
  const items = findings.flatMap((finding, index) => {
    const { detail, remedy } = sentencesOf(words.findings, finding);
    const colour = finding.severity === 'critical' ? paint.bad : paint.warn;
    const word = colour(padded(words.severities[finding.severity], wide));
    return [
      `${String(index + 1).padStart(2)}. ${word}  ${words.item(paint.strong(finding.subject), detail)}`,
      `${' '.repeat(6 + wide)}${paint.faint(remedy)}`,
    ];
  });
  return [paint.strong(words.attention), ...items, ''];
}

function chartLines({ title, words, top, lines }: Chart, paint: ReportPaint): string[] {
  const rows = lines.map(
    ({ host, values }) => `  ${sparkline(values, top)}${host === null ? '' : `  ${host}`}`,
  );
  return [`${paint.strong(title)}  ${paint.faint(words)}`, ...rows, ''];
}

function tableLines(table: ReportTable, paint: ReportPaint): string[] {
  const all = [table.heading, ...table.rows];
  const widths = table.heading.map((_, column) =>
    Math.max(...all.map((row) => columnsOf(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  ')}`.trimEnd();
  return [paint.strong(table.title), paint.faint(line(table.heading)), ...table.rows.map(line), ''];
}

const padded = (text: string, wide: number): string => text + ' '.repeat(Math.max(0, wide - columnsOf(text)));
