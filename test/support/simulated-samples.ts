/**
 * A store after months of samples, made in minutes: the product's own code under a clock that runs as fast as it can, with
 * one commit a day where the daemon makes one every 10 s.
 */

import { MIGRATIONS } from '../../coordinator/store/migrations.ts';
import { createSampleLog, type SampleValues } from '../../coordinator/store/samples.ts';
import { openDatabase } from '../../coordinator/store/sqlite.ts';
import type { SampleRetention } from '../../shared/model/store-file.ts';

interface SimulatedSamples {
  readonly file: string;
  readonly pairs: number;
  readonly days: number;
  readonly keep: SampleRetention;
  /** Time between two samples of a pair on a day, counted from 0, ms; the daemon's is 10 s. */
  everyMs(day: number): number;
}

interface SimulatedStore {
  /** Size of the store at the end of each day, with what is in its log still. */
  readonly bytes: readonly number[];
  readonly rows: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Values as long as real ones: a busy pair with disks of some 100 GB. */
function valuesAt(index: number): SampleValues {
  const swing = Math.abs((index % 2000) - 1000);
  return {
    ...{ lag: swing, gap: swing % 90, commits: 1_500_000 + 317 * swing, connections: 80 + (swing % 40) },
    ...{ served: 1000, sync: 1000, load_a: 700 + swing, load_b: 300 + (swing % 100) },
    ...{ disk_a: 97_000_000 - 13 * swing, disk_b: 96_000_000 - 11 * swing },
  };
}

export function simulateSamples(options: SimulatedSamples): SimulatedStore {
  const { file, pairs, days, keep, everyMs } = options;
  const names = Array.from({ length: pairs }, (_, index) => `pair-${index}`);
  const database = openDatabase(file, MIGRATIONS, (setAside) => {
    throw new Error(`the store was set aside as ${setAside}`);
  });
  const samples = createSampleLog({ ...database, transaction: (work) => work() });
  const end = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const pragma = (name: string): number => Number(database.all(`PRAGMA ${name}`)[0]?.[name]);
  const bytes: number[] = [];
  for (let day = 0; day < days; day += 1) {
    const begin = end - (days - day) * DAY_MS;
    database.transaction(() => {
      for (let hour = begin; hour < begin + DAY_MS; hour += HOUR_MS) {
        for (let time = hour; time < hour + HOUR_MS; time += everyMs(day))
          samples.add(time, new Map(names.map((name, index) => [name, valuesAt(time / 10_000 + index)])));
        samples.rollUp(hour + HOUR_MS, keep, names);
      }
    });
    bytes.push(pragma('page_count') * pragma('page_size'));
  }
  const rows = Number(database.all('SELECT COUNT(*) AS rows FROM samples')[0]?.['rows']);
  database.close();
  return { bytes, rows };
}
