/** Which charts a report has, and what they say in words. Pure. */

import type { PairReport } from './health-report.ts';
import { count } from './units.ts';
import type { ReportWords } from './words.ts';

export interface ChartLine {
  readonly host: string | null;
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  /** "highest 412". */
  readonly words: string;
  /** Value of the upper edge, over 0. */
  readonly top: number;
  readonly lines: readonly ChartLine[];
}

const CHARTS = [
  { metric: 'commits', unit: '' },
  { metric: 'lag', unit: ' s' },
  { metric: 'load', unit: '' },
] as const;
/** A line that never leaves the ground is drawn on it, not across the middle. */
const LEAST_TOP = 1;
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const BARS_WIDE = 60;

/** Those of which something was measured. */
export function chartsOf({ trend }: PairReport, words: ReportWords): Chart[] {
  return CHARTS.flatMap(({ metric, unit }) => {
    const lines = (trend?.series ?? []).filter((series) => series.metric === metric);
    const values = lines.flatMap(({ values }) => values.flatMap((value) => value ?? []));
    if (values.length === 0) return [];
    const highest = Math.max(...values);
    const top = Math.max(LEAST_TOP, highest);
    const title = words.charts[metric];
    return [{ title, words: words.highest(`${count(highest)}${unit}`), top, lines }];
  });
}

/** As letters, for text: blank where nothing is known. */
export function sparkline(values: readonly (number | null)[], top: number): string {
  const wide = Math.min(BARS_WIDE, values.length);
  return Array.from({ length: wide }, (_, bar) => {
    const part = values.slice(
      Math.floor((bar * values.length) / wide),
      Math.floor(((bar + 1) * values.length) / wide),
    );
    const known = part.flatMap((value) => value ?? []);
    if (known.length === 0) return ' ';
    return BARS[Math.min(BARS.length - 1, Math.floor((Math.max(...known) / top) * BARS.length))] ?? '';
  }).join('');
}
