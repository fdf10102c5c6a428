/** A report as text: the verdict in the first line, what needs attention, then the facts. Pure. */

import { type Chart, chartsOf, sparkline } from './charts.ts';
import type { Finding, Grade, HealthReport, PairReport } from './health-report.ts';
import { type ReportTable, reportSummary, reportTables } from './report-tables.ts';
import { localTime } from './units.ts';

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

export function formatText(report: HealthReport, paint: ReportPaint = NO_PAINT): string {
  const several = report.pairs.length > 1;
  const lines = [
    gradePaint(report.grade, paint)(report.headline),
    paint.faint(`Health report of ${localTime(report.time, report.timezone, true)}`),
    ...missedLines(report, paint),
    ...report.pairs.flatMap((pair) => pairLines(pair, report, several, paint)),
  ];
  return `${lines.join('\n')}\n`;
}

function gradePaint(grade: Grade, paint: ReportPaint): Paint {
  if (grade === 'healthy') return paint.good;
  return grade === 'critical' ? paint.bad : paint.warn;
}

/** Null when none was missed. */
export function missedSentence(report: HealthReport): string | null {
  const [first] = report.missed;
  const last = report.missed.at(-1);
  if (first === undefined || last === undefined) return null;
  const at = (time: number): string => localTime(time, report.timezone);
  return report.missed.length === 1
    ? `The report of ${at(first)} was missed: the daemon was not running.`
    : `${report.missed.length} reports from ${at(first)} to ${at(last)} were missed: the daemon was not running.`;
}

function missedLines(report: HealthReport, paint: ReportPaint): string[] {
  const sentence = missedSentence(report);
  return sentence === null ? [] : [paint.warn(sentence)];
}

function pairLines(
  report: PairReport,
  { time, timezone }: HealthReport,
  several: boolean,
  paint: ReportPaint,
): string[] {
  return [
    '',
    `${paint.strong(report.pair)}  ${paint.faint(`VIP ${report.vip}`)}`,
    ...(several ? [gradePaint(report.grade, paint)(report.headline)] : []),
    '',
    ...findingLines(report.findings, paint),
    ...reportTables(report, timezone).flatMap((table) => tableLines(table, paint)),
    ...chartsOf(report).flatMap((chart) => chartLines(chart, paint)),
    ...reportSummary(report, time),
  ];
}

function findingLines(findings: readonly Finding[], paint: ReportPaint): string[] {
  if (findings.length === 0) return ['Nothing needs attention.', ''];
  const items = findings.flatMap((finding, index) => {
    const word = finding.severity === 'critical' ? paint.bad('critical') : paint.warn('warning ');
    const number = String(index + 1).padStart(2);
    return [
      `${number}. ${word}  ${paint.strong(finding.subject)}: ${finding.detail}`,
      `              ${paint.faint(finding.remedy)}`,
    ];
  });
  return [paint.strong('Needs attention first'), ...items, ''];
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
    Math.max(...all.map((row) => [...(row[column] ?? '')].length)),
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  return [paint.strong(table.title), paint.faint(line(table.heading)), ...table.rows.map(line), ''];
}
