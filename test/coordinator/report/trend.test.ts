// What the history of a period says: availability, comparison, forecasts and charts.
import { inflateSync } from 'node:zlib';
import { test } from 'tap';
import { CHART, chartPng } from '../../../coordinator/report/chart-png.ts';
import { sparkline } from '../../../coordinator/report/charts.ts';
import { forecastDisk } from '../../../coordinator/report/disk-forecast.ts';
import { formatText } from '../../../coordinator/report/format-text.ts';
import { judgeHealth, judgePair } from '../../../coordinator/report/health.ts';
import type { PairTrend, TrendReadings } from '../../../coordinator/report/health-report.ts';
import { count, percent } from '../../../coordinator/report/units.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import { HOUR_MS, makeReadings, NOW, type ReadingsWish } from '../../support/make-readings.ts';
import { makeSamples, makeTrend, STEP_MS } from '../../support/make-trend.ts';

const DAY_MS = 24 * HOUR_MS;
const context = { time: NOW, timezone: 'UTC', missed: [] };

const moved = (id: number, hoursAgo: number, gapMs: number): StoredEvent => ({
  ...{ id, time: NOW - hoursAgo * HOUR_MS, pair: 'orders', host: 'db2', kind: 'VipMoved', message: '' },
  data: { from: 'db1', to: 'db2', gapMs },
});

function trendOf(wish: ReadingsWish): PairTrend {
  const { trend } = judgePair(makeReadings({ trend: makeTrend(), ...wish }), NOW);
  if (trend === null) throw new TypeError('there is a history');
  return trend;
}

test('availability counts every time without the VIP, of the period only', async (t) => {
  t.match(trendOf({}).figures, { availability: 1, interruptions: 0, downMs: 0, watched: 1, inSync: 1 });
  const { figures } = trendOf({
    events: [moved(1, 5, 8640), moved(2, 3, 400)],
    causes: new Map([[2, 'planned']]),
  });
  t.match(figures, { downMs: 9040, plannedMs: 400, interruptions: 2 });
  t.equal(percent(figures.availability ?? 0), '99.9895 %');
  const early = trendOf({ events: [moved(1, 23, 2 * HOUR_MS)] });
  t.equal(early.figures.downMs, HOUR_MS, 'it began before the period');
  const going = trendOf({ trend: makeTrend(0, { awaySince: NOW - 6 * HOUR_MS }) });
  t.match(going.figures, { availability: 0.75, interruptions: 1 }, 'it has not ended');
});

test('what was not watched is no good news', async (t) => {
  const half: TrendReadings['now'] = { stepMs: STEP_MS, samples: makeSamples(NOW - 12 * HOUR_MS, NOW) };
  const none: TrendReadings['now'] = { stepMs: STEP_MS, samples: [] };
  const first = judgeHealth(
    [makeReadings({ trend: makeTrend(0, { now: half, before: none, lastDrill: null }) })],
    context,
  );
  t.match(first.pairs[0]?.trend, { previous: null, figures: { watched: 0.5 } });
  const text = formatText(first, 'en');
  t.match(text, /available +100 % +not watched/);
  t.match(text, /watched +50 % +not watched/);
  t.match(text, /No drill was done yet: coordinator drill orders\./);
  t.match(trendOf({ trend: makeTrend(0, { now: none }) }).figures, { availability: null, watched: 0 });
});

test('the period stands beside the one before it, and the last drill is told with its age', async (t) => {
  const text = formatText(judgeHealth([makeReadings({ trend: makeTrend() })], context), 'en');
  t.match(text, /highest lag +3\.2 s +0 s/);
  t.match(text, /commits a second +\d+, at most \d+ +\d+, at most \d+/);
  t.match(text, /Lag of the standby {2}highest 3\.2 s\n {2}▁+█+▁+\n/);
  t.match(text, /Last drill: 42 days ago; clients waited 640 ms\./);
});

test('a disk is forecast from weeks, not from hours, and only while it fills', async (t) => {
  const month = (perDay: number) => makeTrend(perDay).month;
  t.match(forecastDisk(month(3e9), 'disk_a'), { daysLeft: 21 });
  t.match(forecastDisk(month(0), 'disk_a'), { bytesPerDay: 0, daysLeft: null });
  t.match(forecastDisk(month(-3e9), 'disk_a'), { daysLeft: null }, 'space is won');
  t.match(forecastDisk(month(1e6), 'disk_a'), { daysLeft: null }, 'in more than a year');
  t.match(forecastDisk(month(3e9).slice(-144), 'disk_a'), { bytesPerDay: null, daysLeft: null }, 'one day');
  t.match(forecastDisk([], 'disk_a'), { bytesPerDay: null });
});

test('a chart is a valid PNG whose area is as high as its values', async (t) => {
  const png = chartPng([{ host: null, values: [0, 5, 10, null] }], 10);
  t.strictSame([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = png.subarray(png.indexOf('IDAT') + 4, png.indexOf('IEND') - 8);
  const rows = inflateSync(data);
  t.equal(rows.length, CHART.height * (CHART.width + 1));
  const filled = (part: number): number => {
    const x = Math.round(((part + 0.5) * CHART.width) / 4);
    const column = Array.from({ length: CHART.height }, (_, y) => rows[y * (CHART.width + 1) + 1 + x]);
    return column.filter((colour) => colour === 3 || colour === 4).length / CHART.height;
  };
  t.strictSame([filled(0) < 0.05, Math.round(filled(1) * 10), filled(2) > 0.95], [true, 5, true]);
  t.equal(filled(3), 0, 'nothing is known there');
  t.ok(png.length < 4000);
});

test('series become letters, and numbers are short', async (t) => {
  t.equal(sparkline([0, 1, null, 4, 8], 8), '▁▂ ▅█');
  t.equal(
    sparkline(
      Array.from({ length: 120 }, () => 1),
      1,
    ).length,
    60,
  );
  t.strictSame([0, 0.421, 41.72, 412.4].map(count), ['0', '0.42', '41.7', '412']);
  t.strictSame([1, 0.99999999, 0.5].map(percent), ['100 %', '99.9999 %', '50 %']);
});

test('a week and a month are compared with a week and a month', async (t) => {
  for (const days of [7, 30]) {
    const from = NOW - days * DAY_MS;
    const period = { from, to: NOW };
    const trend = makeTrend(0, {
      now: { stepMs: STEP_MS, samples: makeSamples(from, NOW) },
      before: { stepMs: STEP_MS, samples: makeSamples(from - days * DAY_MS, from) },
    });
    const report = judgePair({ ...makeReadings({ trend, events: [moved(1, 20, 86_400)] }), period }, NOW);
    t.match(report.trend, { figures: { watched: 1 }, previous: { watched: 1 } }, `${days} days`);
    t.equal(report.trend?.figures.availability, 1 - 86_400 / (days * DAY_MS));
  }
});
