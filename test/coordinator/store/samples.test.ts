import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { openStore } from '../../../coordinator/store/open-store.ts';
import { FINE_MS, type SampleValues } from '../../../coordinator/store/samples.ts';
import { STORE_DEFAULTS } from '../../../shared/model/store-file.ts';
import { simulateSamples } from '../../support/simulated-samples.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KEEP = STORE_DEFAULTS.samples;

const valuesAt = (index: number): SampleValues => ({
  ...{ lag: index % 7 === 0 ? null : (index % 5) * 1000, gap: index % 3, commits: 1000 * index },
  ...{ connections: 40, served: index % 100 === 0 ? 0 : 1000, sync: 1000 },
  ...{ load_a: 150, load_b: 50, disk_a: 1_000_000 - index, disk_b: null },
});

test('samples are the same at every step: worst lag, mean rate, least space', async (t) => {
  const store = openStore(t.testdir());
  t.teardown(() => store.close());
  const end = Math.floor(Date.now() / 600_000) * 600_000;
  const begin = end - HOUR_MS;
  for (let index = 0; index < 360; index += 1)
    store.samples.add(begin + index * FINE_MS, new Map([['orders', valuesAt(index)]]));
  store.samples.rollUp(end, KEEP, ['orders']);
  const range = (points: number) => store.samples.range('orders', begin, end, points, KEEP);
  t.equal(range(360).samples.length, 360);
  t.same(
    range(360).samples[8],
    { time: begin + 80_000, ...valuesAt(8) },
    'the finest are as they were given',
  );
  const [minutes, tens] = [range(60), range(6)];
  t.same([minutes.stepMs, tens.stepMs], [60_000, 600_000]);
  t.match(minutes.samples[1], {
    ...{ time: begin + 60_000, lag: 4000, gap: 2, commits: 8500, connections: 40 },
    ...{ served: 1000, load_a: 150, disk_a: 1_000_000 - 11, disk_b: null },
  });
  t.equal(tens.samples.length, 6);
  t.match(tens.samples[0], { lag: 4000, commits: 29_500, disk_a: 1_000_000 - 59 });
  t.equal(range(90).stepMs, 40_000, 'between the steps they are made from the finer one');
  store.samples.rollUp(end, KEEP, ['orders']);
  t.same(range(60), minutes, 'again changes nothing');
});

test('what is over its time is forgotten, step by step, and the file stays as small as it is said', async (t) => {
  const dir = t.testdir();
  const days = 4;
  const end = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const keep = { fineMs: 6 * HOUR_MS, minuteMs: DAY_MS, tenMinutesMs: 3 * DAY_MS };
  const file = join(dir, 'hotpair.db');
  simulateSamples({ file, pairs: 2, days, keep, everyMs: () => FINE_MS });
  const store = openStore(dir);
  t.teardown(() => store.close());
  const kept = (length: number, points: number): number =>
    store.samples.range('pair-0', end - length, end, points, {
      ...keep,
      fineMs: 2 * DAY_MS,
      minuteMs: 2 * DAY_MS,
    }).samples.length;
  t.equal(kept(6 * HOUR_MS, 10_000), (6 * HOUR_MS) / FINE_MS, 'all of the finest of the last hours');
  t.equal(kept(12 * HOUR_MS, 10_000), (6 * HOUR_MS) / FINE_MS, 'and none before');
  const tens = store.samples.range('pair-0', end - days * DAY_MS, end, 10_000, keep);
  t.equal(tens.samples.length, (3 * DAY_MS) / 600_000);
  const rows = 2 * (2160 + 1440 + 432);
  const bytes = statSync(file).size;
  t.ok(bytes / rows < 150, `${Math.round(bytes / rows)} bytes a row`);
});
