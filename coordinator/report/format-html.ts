/** A report as one HTML page that mail programs show as it is, and a browser too. Pure. */

import { missedSentence } from './format-text.ts';
import type { HealthReport, PairReport } from './health-report.ts';
import {
  banner,
  COLOURS,
  chartsPart,
  escapeHtml,
  FAINT,
  figuresPart,
  findingsPart,
  sentence,
  tablePart,
} from './html-parts.ts';
import { type ReportTable, reportSummary, reportTables } from './report-tables.ts';
import { duration, localTime, percent } from './units.ts';

const BODY =
  "margin:0;padding:16px;background:#ffffff;color:#1f2328;font:14px/1.5 system-ui,-apple-system,'Segoe UI',Arial,sans-serif";

export function formatHtml(report: HealthReport): string {
  const missed = missedSentence(report);
  const several = report.pairs.length > 1;
  const parts = [
    banner(report.grade, report.headline),
    sentence(subtitle(report), FAINT),
    ...(missed === null ? [] : [sentence(missed, COLOURS.attention)]),
    ...(several ? [tablePart(overviewTable(report))] : []),
    ...report.pairs.map((pair) => pairPart(pair, report, several)),
  ];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light"><title>${escapeHtml(report.headline)}</title></head>
<body style="${BODY}">
<table role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%"><tr><td align="center">
<table role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%" style="max-width:640px"><tr><td align="left">
${parts.join('\n')}
</td></tr></table>
</td></tr></table>
</body>
</html>
`;
}

function subtitle({ time, timezone, pairs }: HealthReport): string {
  const at = `Health report of ${localTime(time, timezone, true)}`;
  const [first] = pairs;
  return first === undefined ? at : `${at}, for ${duration((first.period.to - first.period.from) / 1000)}`;
}

function overviewTable({ pairs }: HealthReport): ReportTable {
  return {
    title: 'All pairs',
    heading: ['pair', 'verdict', 'available', 'interruptions'],
    rows: pairs.map(({ pair, grade, trend }) => [
      ...[pair, grade, trend?.figures.availability == null ? '?' : percent(trend.figures.availability)],
      String(trend?.figures.interruptions ?? '?'),
    ]),
  };
}

function pairPart(pair: PairReport, report: HealthReport, several: boolean): string {
  return [
    `<h1 style="font-size:20px;margin:28px 0 8px">${escapeHtml(pair.pair)} <span style="color:${FAINT};font-weight:normal;font-size:14px">VIP ${escapeHtml(pair.vip)}</span></h1>`,
    ...(several ? [banner(pair.grade, pair.headline)] : []),
    figuresPart(pair, report.time),
    findingsPart(pair.findings),
    chartsPart(pair, report.timezone),
    ...reportTables(pair, report.timezone).map(tablePart),
    ...reportSummary(pair, report.time).map((words) => sentence(words)),
  ].join('\n');
}
