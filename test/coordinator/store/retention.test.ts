// A store that samples are put into for months: it grows as far as hotpair.yaml lets it, and no further.
import { join } from 'node:path';
import { test } from 'tap';
import { FINE_MS } from '../../../coordinator/store/samples.ts';
import { STORE_DEFAULTS } from '../../../shared/model/store-file.ts';
import { simulateSamples } from '../../support/simulated-samples.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const PAIRS = 10;
const DAYS = 30;
/** Of the daemon's samples one in thirty, so that a month takes a second; the coarser ones are there all the same. */
const EVERY_MS = 5 * MINUTE_MS;
const KEEP = { fineMs: 6 * HOUR_MS, minuteMs: 2 * DAY_MS, tenMinutesMs: 10 * DAY_MS };

test('a month of ten pairs: the file grows until what is oldest is forgotten, and then stays as it is', {
  timeout: 60_000,
}, (t) => {
  const file = join(t.testdir(), 'hotpair.db');
  const { bytes, rows } = simulateSamples({
    ...{ file, pairs: PAIRS, days: DAYS, keep: KEEP },
    everyMs: () => EVERY_MS,
  });
  const kept = (KEEP.fineMs + KEEP.minuteMs) / EVERY_MS + KEEP.tenMinutesMs / (10 * MINUTE_MS);
  t.equal(rows, PAIRS * kept, 'what is kept is what the retention says');
  const size = (day: number): number => bytes[day - 1] ?? Number.NaN;
  t.ok(size(10) > 1.3 * size(4), `it grows before that: ${size(4)}, ${size(10)}`);
  for (let day = 13; day <= DAYS; day += 1)
    t.ok(
      size(day) <= 1.02 * size(12),
      `day ${day}: ${size(day)} bytes, ${size(12)} when the retention ended`,
    );
  const { fineMs, minuteMs, tenMinutesMs } = STORE_DEFAULTS.samples;
  const ofDefaults = fineMs / 10_000 + minuteMs / MINUTE_MS + tenMinutesMs / (10 * MINUTE_MS);
  const megabytes = ((size(DAYS) / rows) * ofDefaults) / 1e6;
  t.ok(
    megabytes < 2,
    `with the defaults ${megabytes.toFixed(2)} MB a pair (${Math.round(size(DAYS) / rows)} bytes a row)`,
  );
  t.end();
});

test('a year of a hundred pairs takes what the documentation says', { timeout: 240_000 }, (t) => {
  const { samples: keep } = STORE_DEFAULTS;
  const { bytes, rows } = simulateSamples({
    file: join(t.testdir(), 'hotpair.db'),
    ...{ pairs: 100, days: 365, keep, everyMs: sparseUntilKept },
  });
  const ofPair = keep.fineMs / FINE_MS + keep.minuteMs / MINUTE_MS + keep.tenMinutesMs / (10 * MINUTE_MS);
  t.equal(rows, 100 * ofPair, 'every row that is kept is there, and no other');
  const megabytes = Math.max(...bytes) / 1e6;
  t.ok(megabytes < 100 * 1.5, `${megabytes.toFixed(0)} MB`);
  t.end();
});

/** As sparse as it may be for the store of the last day to be, row by row, that of a daemon with a sample every 10 s. */
function sparseUntilKept(day: number): number {
  if (day >= 363) return FINE_MS;
  if (day >= 359) return MINUTE_MS;
  return day >= 250 ? 10 * MINUTE_MS : HOUR_MS;
}
