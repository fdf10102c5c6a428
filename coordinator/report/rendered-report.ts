/** A report in all its forms, and its name. Pure. */

import { formatHtml } from './format-html.ts';
import { formatJson } from './format-json.ts';
import { formatText } from './format-text.ts';
import type { HealthReport } from './health-report.ts';

export interface RenderedReport {
  /** File name without its ending, e.g. "2026-11-22T08-00-00-000Z-orders". */
  readonly name: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly json: string;
  readonly report: HealthReport;
}

export function renderReport(report: HealthReport): RenderedReport {
  const [only, second] = report.pairs;
  const scope = only !== undefined && second === undefined ? only.pair : 'all';
  const stamp = new Date(report.time).toISOString().slice(0, 23).replaceAll(/[:.]/g, '-');
  return {
    name: `${stamp}Z-${scope}`,
    subject: `hotpair: ${report.headline}`,
    ...{ text: formatText(report), html: formatHtml(report), json: formatJson(report), report },
  };
}
