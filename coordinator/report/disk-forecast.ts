/** When a disk is full if it goes on as in the last weeks: a straight line through the free space that was measured. Pure. */

import type { Sample } from '../store/samples.ts';

export interface DiskForecast {
  /** Change of the free space, bytes a day; null while too little was measured. */
  readonly bytesPerDay: number | null;
  /** Whole days until nothing is left; null where that is not to be seen. */
  readonly daysLeft: number | null;
}

const KIBIBYTE = 1024;
const DAY_MS = 86_400_000;
/** Less says nothing: a night of backups looks like a trend. */
const LEAST_MS = 2 * DAY_MS;
const LEAST_SAMPLES = 24;
/** Nobody plans further ahead by a straight line. */
const MOST_DAYS = 365;

/** `samples` oldest first, in kibibytes. */
export function forecastDisk(samples: readonly Sample[], field: 'disk_a' | 'disk_b'): DiskForecast {
  const points = samples.flatMap(({ time, [field]: free }) => (free === null ? [] : [{ time, free }]));
  const [first, last] = [points[0], points.at(-1)];
  const nothing = { bytesPerDay: null, daysLeft: null };
  if (first === undefined || last === undefined || points.length < LEAST_SAMPLES) return nothing;
  if (last.time - first.time < LEAST_MS) return nothing;
  const perDay = slopeOf(points.map(({ time, free }) => ({ x: (time - first.time) / DAY_MS, y: free })));
  const days = perDay < 0 ? Math.floor(last.free / -perDay) : Number.POSITIVE_INFINITY;
  return { bytesPerDay: Math.round(perDay * KIBIBYTE), daysLeft: days > MOST_DAYS ? null : days };
}

/** Least squares. */
function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const x0 = meanOf(points.map(({ x }) => x));
  const y0 = meanOf(points.map(({ y }) => y));
  const above = points.reduce((sum, { x, y }) => sum + (x - x0) * (y - y0), 0);
  const below = points.reduce((sum, { x }) => sum + (x - x0) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
