/**
 * A report as one HTML page that mail programs show as it is: inline styles only, tables, no script, no picture, no
 * link. Invariant: everything that is not this file's own text goes through escapeHtml. Pure.
 */

import { missedSentence } from './format-text.ts';
import type { Finding, Grade, HealthReport, PairReport } from './health-report.ts';
import { type ReportTable, reportSummary, reportTables } from './report-tables.ts';
import { localTime } from './units.ts';

const COLOURS: Record<Grade, string> = { healthy: '#1a7f37', attention: '#9a6700', critical: '#cf222e' };
const CELL =
  'padding:4px 12px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid #d0d7de;white-space:nowrap';
const HEADING = `${CELL};color:#57606a;font-weight:normal`;

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export function formatHtml(report: HealthReport): string {
  const missed = missedSentence(report);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(report.headline)}</title></head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1f2328;font:14px/1.5 system-ui,'Segoe UI',Arial,sans-serif">
${banner(report.grade, report.headline)}
<p style="margin:8px 0;color:#57606a">Health report of ${escapeHtml(localTime(report.time, report.timezone, true))}</p>
${missed === null ? '' : `<p style="margin:8px 0;color:${COLOURS.attention}">${escapeHtml(missed)}</p>\n`}${report.pairs
  .map((pair) => pairPart(pair, report))
  .join('\n')}
</body>
</html>
`;
}

function banner(grade: Grade, headline: string): string {
  return `<p style="margin:0;padding:12px 16px;background:${COLOURS[grade]};color:#ffffff;font-size:16px;font-weight:bold">${escapeHtml(headline)}</p>`;
}

function pairPart(pair: PairReport, report: HealthReport): string {
  return [
    `<h1 style="font-size:18px;margin:24px 0 8px">${escapeHtml(pair.pair)} <span style="color:#57606a;font-weight:normal">VIP ${escapeHtml(pair.vip)}</span></h1>`,
    ...(report.pairs.length > 1 ? [banner(pair.grade, pair.headline)] : []),
    findingsPart(pair.findings),
    ...reportTables(pair, report.timezone).map(tablePart),
    ...reportSummary(pair).map((sentence) => `<p style="margin:8px 0">${escapeHtml(sentence)}</p>`),
  ].join('\n');
}

function findingsPart(findings: readonly Finding[]): string {
  if (findings.length === 0) return '<p style="margin:8px 0">Nothing needs attention.</p>';
  const items = findings.map((finding) => {
    const colour = COLOURS[finding.severity === 'critical' ? 'critical' : 'attention'];
    return `<li style="margin:6px 0"><b style="color:${colour}">${finding.severity}</b> <b>${escapeHtml(finding.subject)}</b>: ${escapeHtml(finding.detail)}<br><span style="color:#57606a">${escapeHtml(finding.remedy)}</span></li>`;
  });
  return `<h2 style="font-size:15px;margin:16px 0 4px">Needs attention first</h2>\n<ol style="margin:0;padding-left:24px">\n${items.join('\n')}\n</ol>`;
}

function tablePart(table: ReportTable): string {
  const row = (cells: readonly string[], tag: 'th' | 'td', style: string): string =>
    `<tr>${cells.map((cell) => `<${tag} style="${style}">${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return [
    `<h2 style="font-size:15px;margin:16px 0 4px">${escapeHtml(table.title)}</h2>`,
    '<div style="overflow-x:auto"><table style="border-collapse:collapse">',
    row(table.heading, 'th', HEADING),
    ...table.rows.map((cells) => row(cells, 'td', CELL)),
    '</table></div>',
  ].join('\n');
}
