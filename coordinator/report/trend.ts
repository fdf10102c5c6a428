/** What the stored history says of a period: availability, means and worst values, series for charts. Pure. */

import type { Sample, SampleField, SampleRange } from '../store/samples.ts';
import { forecastDisk } from './disk-forecast.ts';
import type {
  Failover,
  PairTrend,
  Period,
  PeriodFigures,
  TrendReadings,
  TrendSeries,
} from './health-report.ts';

/** Points of a chart: more than a mail is wide enough to show would only make it longer. */
const POINTS = 120;
const KIBIBYTE = 1024;

export function trendOf(
  readings: TrendReadings,
  hosts: readonly [string, string],
  failovers: readonly Failover[],
  period: Period,
): PairTrend {
  const { now, before } = readings;
  const length = period.to - period.from;
  const earlier = { from: period.from - length, to: period.from };
  const previous = figuresOf(before, readings.failoversBefore, 0, earlier);
  const awayMs = readings.awaySince === null ? 0 : period.to - Math.max(period.from, readings.awaySince);
  const [a, b] = hosts;
  return {
    figures: figuresOf(now, failovers, awayMs, period),
    previous: previous.watched === 0 ? null : previous,
    lastDrill: readings.lastDrill,
    disks: [
      { host: a, ...forecastDisk(readings.month, 'disk_a') },
      { host: b, ...forecastDisk(readings.month, 'disk_b') },
    ],
    series: seriesOf(now.samples, hosts, period),
  };
}

/** `failovers` ended in the period, and `awayMs` goes on; of what began before it only what lies in it counts. */
function figuresOf(
  { samples, stepMs }: SampleRange,
  failovers: readonly Failover[],
  awayMs: number,
  { from, to }: Period,
): PeriodFigures {
  const down = (those: readonly Failover[]): number =>
    those.reduce((sum, { gapMs, time }) => sum + Math.min(gapMs ?? 0, Math.max(0, time - from)), 0);
  const downMs = down(failovers) + awayMs;
  const heard = samples.filter(({ served, time }) => served !== null && time >= from - stepMs).length;
  const watched = Math.min(1, (heard * stepMs) / Math.max(1, to - from));
  return {
    availability: watched === 0 ? null : Math.max(0, 1 - downMs / (to - from)),
    ...{
      downMs,
      plannedMs: down(failovers.filter(isPlanned)),
      interruptions: failovers.length + (awayMs > 0 ? 1 : 0),
    },
    // A step at either end counts whole.
    watched: watched > 0.99 ? 1 : watched,
    inSync: scaled(mean(samples, 'sync'), 1000),
    lagMostSeconds: scaled(most(samples, 'lag'), 1000),
    commitsMean: scaled(mean(samples, 'commits'), 1000),
    commitsMost: scaled(most(samples, 'commits'), 1000),
    loadMost: scaled(larger(most(samples, 'load_a'), most(samples, 'load_b')), 1000),
  };
}

const isPlanned = ({ cause, drill }: Failover): boolean => drill || cause === 'planned';
const scaled = (value: number | null, by: number): number | null => (value === null ? null : value / by);
const larger = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

function known(samples: readonly Sample[], field: SampleField): number[] {
  return samples.flatMap((sample) => sample[field] ?? []);
}

function mean(samples: readonly Sample[], field: SampleField): number | null {
  const values = known(samples, field);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function most(samples: readonly Sample[], field: SampleField): number | null {
  const values = known(samples, field);
  return values.length === 0 ? null : values.reduce((top, value) => Math.max(top, value), 0);
}

function seriesOf(
  samples: readonly Sample[],
  [a, b]: readonly [string, string],
  period: Period,
): readonly TrendSeries[] {
  const series = (
    metric: TrendSeries['metric'],
    field: SampleField,
    host: string | null,
    scale: number,
  ): TrendSeries => ({ metric, host, values: binned(samples, field, period, metric !== 'disk', scale) });
  return [
    series('commits', 'commits', null, 1 / 1000),
    series('lag', 'lag', null, 1 / 1000),
    ...[series('load', 'load_a', a, 1 / 1000), series('load', 'load_b', b, 1 / 1000)],
    ...[series('disk', 'disk_a', a, KIBIBYTE), series('disk', 'disk_b', b, KIBIBYTE)],
  ];
}

/** The highest (of free disk: the lowest) of each part of the period, so that no peak is lost; null where none is known. */
function binned(
  samples: readonly Sample[],
  field: SampleField,
  { from, to }: Period,
  highest: boolean,
  scale: number,
): (number | null)[] {
  const bins: (number | null)[] = Array.from({ length: POINTS }, () => null);
  for (const sample of samples) {
    const value = sample[field];
    const bin = Math.max(0, Math.floor(((sample.time - from) / (to - from)) * POINTS));
    const held = bins[bin];
    if (value === null || held === undefined) continue;
    bins[bin] = held === null ? value : highest ? Math.max(held, value) : Math.min(held, value);
  }
  return bins.map((value) => (value === null ? null : Math.round(value * scale * 1000) / 1000));
}
