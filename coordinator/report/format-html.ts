/** A report as one HTML page that mail programs show as it is, and a browser too. Pure. */

import type { Language } from '../../shared/model/language.ts';
import { missedSentence } from './format-text.ts';
import { pairHeadline, reportHeadline } from './headline.ts';
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
import { localTime, percent } from './units.ts';
import { type ReportWords, WORDS } from './words.ts';

const BODY =
  "margin:0;padding:16px;background:#ffffff;color:#1f2328;font:14px/1.5 system-ui,-apple-system,'Segoe UI',Arial,sans-serif";

export function formatHtml(report: HealthReport, language: Language): string {
  const words = WORDS[language];
  const headline = reportHeadline(report, words);
  const missed = missedSentence(report, words);
  const several = report.pairs.length > 1;
  const parts = [
    banner(report.grade, headline),
    sentence(subtitle(report, words), FAINT),
    ...(missed === null ? [] : [sentence(missed, COLOURS.attention)]),
    ...(several ? [tablePart(overviewTable(report, words))] : []),
    ...report.pairs.map((pair) => pairPart(pair, report, several, words)),
  ];
  return `<!doctype html>
<html lang="${words.lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light"><title>${escapeHtml(headline)}</title></head>
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

function subtitle({ time, timezone, pairs }: HealthReport, words: ReportWords): string {
  const period = pairs[0]?.period;
  const length = period === undefined ? null : words.duration((period.to - period.from) / 1000);
  return words.reportOf(localTime(time, timezone, true), length);
}

function overviewTable({ pairs }: HealthReport, { overview, grades }: ReportWords): ReportTable {
  return {
    ...overview,
    rows: pairs.map(({ pair, grade, trend }) => [
      ...[
        pair,
        grades[grade],
        trend?.figures.availability == null ? '?' : percent(trend.figures.availability),
      ],
      String(trend?.figures.interruptions ?? '?'),
    ]),
  };
}

function pairPart(pair: PairReport, report: HealthReport, several: boolean, words: ReportWords): string {
  return [
    `<h1 style="font-size:20px;margin:28px 0 8px">${escapeHtml(pair.pair)} <span style="color:${FAINT};font-weight:normal;font-size:14px">VIP ${escapeHtml(pair.vip)}</span></h1>`,
    ...(several ? [banner(pair.grade, pairHeadline(pair, words))] : []),
    figuresPart(pair, report.time, words),
    findingsPart(pair.findings, words),
    chartsPart(pair, report.timezone, words),
    ...reportTables(pair, report.timezone, words).map(tablePart),
    ...reportSummary(pair, report.time, words).map((text) => sentence(text)),
  ].join('\n');
}
