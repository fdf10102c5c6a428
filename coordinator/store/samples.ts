/**
 * Measurements of the pairs over time, at three steps: 10 s, 1 min and 10 min, each made from the one before it and kept
 * for its own time. Values are whole numbers (units below), so that a row takes some 40 bytes.
 */

import type { SampleRetention } from '../../shared/model/store-file.ts';
import type { Database, Row } from './sqlite.ts';

/** Lag and gap are the worst of their step, disk the least; the others are means. */
export const SAMPLE_FIELDS = {
  /** ms */
  lag: 'MAX',
  /** transactions */
  gap: 'MAX',
  /** thousandths per second */
  commits: 'AVG',
  connections: 'AVG',
  /** thousandths of the time in which clients were served */
  served: 'AVG',
  /** thousandths of the time in which the pair was in SYNC */
  sync: 'AVG',
  /** thousandths; of the first and the second host */
  load_a: 'AVG',
  load_b: 'AVG',
  /** kibibytes */
  disk_a: 'MIN',
  disk_b: 'MIN',
} as const;
export type SampleField = keyof typeof SAMPLE_FIELDS;
export type SampleValues = Readonly<Record<SampleField, number | null>>;

export interface Sample extends SampleValues {
  /** Beginning of the step, ms since the epoch. */
  readonly time: number;
}

export const FINE_MS = 10_000;
const MINUTE_MS = 60_000;
const TEN_MINUTES_MS = 600_000;

export interface SampleRange {
  readonly stepMs: number;
  readonly samples: readonly Sample[];
}

export interface SampleLog {
  /** One row for each pair, of the 10 s that began at `time`. */
  add(time: number, rows: ReadonlyMap<string, SampleValues>): void;
  /** Makes the coarser steps of everything that is complete at `now`, and forgets what is over its time. */
  rollUp(now: number, retention: SampleRetention, pairs: readonly string[]): void;
  /** In at most `points` steps, from the finest samples that reach back to `from`. */
  range(pair: string, from: number, to: number, points: number, retention: SampleRetention): SampleRange;
}

const FIELDS = Object.keys(SAMPLE_FIELDS) as SampleField[];
const MERGED = FIELDS.map((field) => `CAST(ROUND(${SAMPLE_FIELDS[field]}(${field})) AS INTEGER) AS ${field}`);
/** Numbers arrive as floats, and this is a division of whole ones. */
const BUCKET = 'time / CAST(?1 AS INTEGER)';
const INSERT = `INSERT OR REPLACE INTO samples (pair, step, time, ${FIELDS.join(', ')})`;

export function createSampleLog(database: Database): SampleLog {
  return {
    add: (time, rows) =>
      database.transaction(() => {
        const sql = `${INSERT} VALUES (?, ?, ?, ${FIELDS.map(() => '?').join(', ')})`;
        for (const [pair, values] of rows)
          database.run(sql, pair, FINE_MS, time, ...FIELDS.map((field) => values[field]));
      }),
    rollUp: (now, retention, pairs) =>
      database.transaction(() => {
        for (const pair of pairs) {
          coarsen(database, pair, FINE_MS, MINUTE_MS, now);
          coarsen(database, pair, MINUTE_MS, TEN_MINUTES_MS, now);
          forget(database, pair, now, retention);
        }
      }),
    range: (pair, from, to, points, retention) => {
      const source = sourceStep(from, to, points, retention);
      const stepMs = Math.max(1, Math.ceil((to - from) / points / source)) * source;
      const sql = `SELECT CAST(${BUCKET} * ?1 AS INTEGER) AS time, ${MERGED.join(', ')} FROM samples
         WHERE pair = ?2 AND step = ?3 AND time >= ?4 AND time < ?5 GROUP BY ${BUCKET} ORDER BY time`;
      const begin = Math.floor(from / stepMs) * stepMs;
      return { stepMs, samples: database.all(sql, stepMs, pair, source, begin, to).map(toSample) };
    },
  };
}

/** From where the coarser samples of the pair end, to the last step that is complete. */
function coarsen(database: Database, pair: string, fine: number, coarse: number, now: number): void {
  const [row] = database.all(
    'SELECT MAX(time) AS time FROM samples WHERE pair = ? AND step = ?',
    pair,
    coarse,
  );
  const from = row?.['time'] == null ? 0 : Number(row['time']) + coarse;
  const to = Math.floor(now / coarse) * coarse;
  database.run(
    `${INSERT} SELECT pair, ?1, CAST(${BUCKET} * ?1 AS INTEGER), ${MERGED.join(', ')} FROM samples
       WHERE pair = ?2 AND step = ?3 AND time >= ?4 AND time < ?5 GROUP BY ${BUCKET}`,
    ...[coarse, pair, fine, from, to],
  );
}

function forget(database: Database, pair: string, now: number, retention: SampleRetention): void {
  const kept = [
    [FINE_MS, retention.fineMs],
    [MINUTE_MS, retention.minuteMs],
    [TEN_MINUTES_MS, retention.tenMinutesMs],
  ] as const;
  for (const [step, keepMs] of kept)
    database.run('DELETE FROM samples WHERE pair = ? AND step = ? AND time < ?', pair, step, now - keepMs);
}

/** The coarsest step that still gives `points`, but one that reaches back to `from`. */
function sourceStep(from: number, to: number, points: number, retention: SampleRetention): number {
  const wanted = (to - from) / points;
  const age = Date.now() - from;
  if (age > retention.minuteMs || wanted >= TEN_MINUTES_MS) return TEN_MINUTES_MS;
  return age > retention.fineMs || wanted >= MINUTE_MS ? MINUTE_MS : FINE_MS;
}

function toSample(row: Row): Sample {
  const value = (field: SampleField): number | null => (row[field] == null ? null : Number(row[field]));
  const values = Object.fromEntries(FIELDS.map((field) => [field, value(field)])) as SampleValues;
  return { time: Number(row['time']), ...values };
}
