/**
 * The parts of an HTML report, as mail programs take them: tables, inline styles, pictures as data, nothing to load and
 * nothing to run. Invariant: everything that is not this project's own text goes through escapeHtml. Pure.
 */

import { CHART, chartPng } from './chart-png.ts';
import { type Chart, chartsOf } from './charts.ts';
import { sentencesOf } from './findings.ts';
import type { Finding, Grade, PairReport } from './health-report.ts';
import type { ReportTable } from './report-tables.ts';
import { count, localTime, percent } from './units.ts';
import type { ReportWords } from './words.ts';

export const COLOURS: Record<Grade, string> = {
  healthy: '#1a7f37',
  attention: '#9a6700',
  critical: '#cf222e',
};
export const FAINT = '#57606a';
const LINES = ['#0969da', '#bf6c00'];
const RULE = 'border-bottom:1px solid #d8dee4';
const CELL = `padding:5px 12px 5px 0;text-align:left;vertical-align:top;${RULE}`;
const TABLE = 'width:100%;border-collapse:collapse;font-size:14px';
const SPREAD = 'role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%"';
const DAY_MS = 86_400_000;

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Colours as attributes, too: some mail programs take no other. */
export function banner(grade: Grade, headline: string): string {
  const colour = COLOURS[grade];
  return `<table ${SPREAD}><tr><td bgcolor="${colour}" style="background:${colour};color:#ffffff;padding:14px 16px;font-size:16px;font-weight:bold;border-radius:6px">${escapeHtml(headline)}</td></tr></table>`;
}

export const heading = (title: string): string =>
  `<h2 style="font-size:15px;margin:24px 0 6px">${escapeHtml(title)}</h2>`;

export const sentence = (text: string, colour?: string): string =>
  `<p style="margin:8px 0${colour === undefined ? '' : `;color:${colour}`}">${escapeHtml(text)}</p>`;

/** What is read first, in large figures. */
export function figuresPart({ trend }: PairReport, now: number, { tiles: words, days }: ReportWords): string {
  if (trend === null) return '';
  const { figures, lastDrill } = trend;
  const drill = lastDrill === null ? words.never : days(Math.floor((now - lastDrill.time) / DAY_MS));
  const tiles = [
    [figures.availability === null ? '?' : percent(figures.availability), words.available],
    [String(figures.interruptions), words.interruptions(figures.interruptions)],
    [figures.lagMostSeconds === null ? '?' : `${count(figures.lagMostSeconds)} s`, words.lag],
    [drill, lastDrill === null ? words.drilled : words.sinceDrill],
  ];
  const cells = tiles.map(
    ([value = '', name = '']) =>
      `<td width="25%" valign="top" style="padding:12px 8px 12px 0;${RULE}"><div style="font-size:18px;line-height:1.2;font-weight:bold;white-space:nowrap">${escapeHtml(value)}</div><div style="font-size:12px;color:${FAINT}">${name}</div></td>`,
  );
  return `<table ${SPREAD}><tr>${cells.join('')}</tr></table>`;
}

export function findingsPart(findings: readonly Finding[], words: ReportWords): string {
  if (findings.length === 0) return sentence(words.calm);
  const items = findings.map((finding) => {
    const { severity, subject } = finding;
    const { detail, remedy } = sentencesOf(words.findings, finding);
    const colour = COLOURS[severity === 'critical' ? 'critical' : 'attention'];
    const item = words.item(`<b>${escapeHtml(subject)}</b>`, escapeHtml(detail));
    return `<li style="margin:8px 0"><b style="color:${colour}">${words.severities[severity]}</b> ${item}<br><span style="color:${FAINT}">${escapeHtml(remedy)}</span></li>`;
  });
  return `${heading(words.attention)}\n<ol style="margin:0;padding-left:24px">\n${items.join('\n')}\n</ol>`;
}

export function tablePart({ title, heading: names, rows }: ReportTable): string {
  const row = (cells: readonly string[], tag: 'th' | 'td', style: string): string =>
    `<tr>${cells.map((cell, column) => `<${tag} style="${style}${column === 0 ? `;color:${FAINT}` : ''}">${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return [
    heading(title),
    `<table style="${TABLE}">`,
    row(names, 'th', `${CELL};color:${FAINT}`),
    ...rows.map((cells) => row(cells, 'td', CELL)),
    '</table>',
  ].join('\n');
}

export function chartsPart(report: PairReport, timezone: string, words: ReportWords): string {
  const { from, to } = report.period;
  const ends = [from, to].map((time) => localTime(time, timezone).slice(0, 16));
  return chartsOf(report, words)
    .map((chart) => chartPart(chart, ends))
    .join('\n');
}

function chartPart({ title, words, top, lines }: Chart, ends: readonly string[]): string {
  const picture = chartPng(lines, top).toString('base64');
  const hosts = lines.flatMap(({ host }, index) =>
    host === null ? [] : [`<b style="color:${LINES[index]}">${escapeHtml(host)}</b>`],
  );
  const legend = [...hosts, escapeHtml(words)].join(', ');
  const [begin = '', end = ''] = ends;
  return [
    `<p style="margin:20px 0 4px"><b>${title}</b> <span style="color:${FAINT}">${legend}</span></p>`,
    `<img src="data:image/png;base64,${picture}" alt="${escapeHtml(`${title}: ${words}`)}" width="${CHART.width / 2}" style="display:block;width:100%;max-width:${CHART.width / 2}px;height:auto;box-sizing:border-box;border:1px solid #d8dee4">`,
    `<table ${SPREAD} style="max-width:${CHART.width / 2}px;font-size:12px;color:${FAINT}"><tr><td align="left">${begin}</td><td align="right">${end}</td></tr></table>`,
  ].join('\n');
}
