/** Samples as plots: which lines, over which time, and with gaps where nothing was measured. Pure. */

import type { Samples } from '../../../shared/api/history.ts';

type Metric = Samples['series'][number]['metric'];
type Values = readonly (number | null)[];

export const RANGES = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 } as const;
export type Range = keyof typeof RANGES;

export interface Plot {
  readonly id: 'commits' | 'lag' | 'connections' | 'load' | 'disk' | 'served';
  readonly unit: string;
  readonly lines: readonly { readonly label: string | null; readonly values: Values }[];
  /** Top of a scale of its own; null: what the values need. */
  readonly top: number | null;
}

export interface Plots {
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly plots: readonly Plot[];
}

const PLOTS: readonly { id: Plot['id']; metric: Metric; unit: string; scale: number; top: number | null }[] =
  [
    { id: 'commits', metric: 'commits', unit: '/s', scale: 1, top: null },
    { id: 'lag', metric: 'lag', unit: 's', scale: 1, top: null },
    { id: 'served', metric: 'served', unit: '%', scale: 100, top: 100 },
    { id: 'connections', metric: 'connections', unit: '', scale: 1, top: null },
    { id: 'load', metric: 'load', unit: '', scale: 1, top: null },
    { id: 'disk', metric: 'disk-free', unit: 'GB', scale: 1e-9, top: null },
  ];

export function plotsOf(samples: Samples): Plots {
  const filled = fillGaps(samples.times, samples.stepMs);
  const plots = PLOTS.map(({ metric, scale, ...plot }): Plot => {
    const series = samples.series.filter((one) => one.metric === metric);
    const lines = series.map(({ host, values }) => ({
      label: host,
      values: filled.map(({ from }) => scaled(from === null ? null : (values[from] ?? null), scale)),
    }));
    return { ...plot, lines };
  });
  const times = filled.map(({ time }) => time / 1000);
  return { times, from: samples.from / 1000, to: samples.to / 1000, plots };
}

const scaled = (value: number | null, scale: number): number | null =>
  value === null ? null : value * scale;

interface Slot {
  readonly time: number;
  /** Index in the samples; null in a gap. */
  readonly from: number | null;
}

/** A step without data is not in the samples: one empty step in its place breaks the line. */
function fillGaps(times: readonly number[], stepMs: number): Slot[] {
  return times.flatMap((time, index): Slot[] => {
    const before = times[index - 1];
    const gap = before !== undefined && time - before > 1.5 * stepMs;
    const slot = { time, from: index };
    return gap ? [{ time: before + stepMs, from: null }, slot] : [slot];
  });
}

/** The last value of each line that there is, for those who cannot see the plot. */
export function lastValues({
  lines,
}: Plot): { readonly label: string | null; readonly value: number | null }[] {
  return lines.map(({ label, values }) => ({
    label,
    value: values.findLast((value) => value !== null) ?? null,
  }));
}
