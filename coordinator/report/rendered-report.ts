/** A report in all its forms, and its name. Text and page are in one language; the JSON is the same in all. Pure. */

import type { Language } from '../../shared/model/language.ts';
import { formatHtml } from './format-html.ts';
import { formatJson } from './format-json.ts';
import { formatText } from './format-text.ts';
import { reportHeadline } from './headline.ts';
import type { HealthReport } from './health-report.ts';
import { WORDS } from './words.ts';

export interface RenderedReport {
  /** File name without its ending, e.g. "2026-11-22T08-00-00-000Z-orders". */
  readonly name: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly json: string;
  readonly report: HealthReport;
  readonly language: Language;
}

export function renderReport(report: HealthReport, language: Language): RenderedReport {
  const [only, second] = report.pairs;
  const scope = only !== undefined && second === undefined ? only.pair : 'all';
  const stamp = new Date(report.time).toISOString().slice(0, 23).replaceAll(/[:.]/g, '-');
  return {
    name: `${stamp}Z-${scope}`,
    subject: `hotpair: ${reportHeadline(report, WORDS[language])}`,
    ...{ text: formatText(report, language), html: formatHtml(report, language) },
    ...{ json: formatJson(report), report, language },
  };
}
