/** What a store has kept of a pair: samples of every ten minutes, a day with a quiet night and a busy noon. */

import type { TrendReadings } from '../../coordinator/report/health-report.ts';
import type { Sample, SampleValues } from '../../coordinator/store/samples.ts';
import { HOUR_MS, NOW } from './make-readings.ts';

export const STEP_MS = 600_000;
const DAY_MS = 24 * HOUR_MS;
const GIBIBYTE = 1024 ** 2; // in kibibytes

/** One sample for each step; `change` says what is different at it. */
export function makeSamples(
  from: number,
  to: number,
  change: (time: number) => Partial<SampleValues> = () => ({}),
): Sample[] {
  const first = Math.ceil(from / STEP_MS) * STEP_MS;
  return Array.from({ length: Math.ceil((to - first) / STEP_MS) }, (_, index) => {
    const time = first + index * STEP_MS;
    const busy = (1 - Math.cos((2 * Math.PI * time) / DAY_MS)) / 2;
    return {
      ...{ time, lag: 0, gap: 0, connections: 20, served: 1000, sync: 1000 },
      commits: Math.round(400_000 * busy * (1 + 0.2 * Math.sin(index * 1.7))),
      load_a: Math.round(1800 * busy + 150 * Math.abs(Math.sin(index))),
      load_b: Math.round(700 * busy + 90 * Math.abs(Math.cos(index))),
      ...{ disk_a: 60 * GIBIBYTE, disk_b: 60 * GIBIBYTE },
      ...change(time),
    };
  });
}

/** `lost` bytes of free space on the first host a day. */
export function makeTrend(lostPerDay = 0, wish: Partial<TrendReadings> = {}): TrendReadings {
  const from = NOW - DAY_MS;
  const lag = (time: number) => ({ lag: Math.abs(time - NOW + 8 * HOUR_MS) < HOUR_MS ? 3200 : 0 });
  const shrinking = (time: number) => ({
    disk_a: Math.round(60 * GIBIBYTE - ((time - NOW) / DAY_MS) * (lostPerDay / 1024)),
  });
  return {
    now: { stepMs: STEP_MS, samples: makeSamples(from, NOW, lag) },
    before: { stepMs: STEP_MS, samples: makeSamples(from - DAY_MS, from) },
    month: makeSamples(NOW - 30 * DAY_MS, NOW, shrinking),
    ...{ failoversBefore: [], awaySince: null, lastDrill: { time: NOW - 42 * DAY_MS, outageMs: 640 } },
    ...wish,
  };
}
