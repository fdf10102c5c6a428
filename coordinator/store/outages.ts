/** One row for each time without the VIP, so that a list of them is read and not worked out. */

import type { OutageView } from '../../shared/api/history.ts';
import type { Database, Row } from './sqlite.ts';

export interface OutageLog {
  /** Writes the outage anew where it is there already: more may be known of it by now. */
  put(pair: string, outage: OutageView): void;
  /** Writes many at once. */
  putAll(outages: readonly (readonly [pair: string, outage: OutageView])[]): void;
  /** Those of a pair that ended at `since` or later, the newest `limit` of them, newest first. */
  list(pair: string, since: number, limit: number): OutageView[];
  /** Ids of the events that ended the outages of that time, ends included. */
  endedBetween(pair: string, from: number, to: number): number[];
  /** Id of the newest event of which there is an outage; 0 where there is none. */
  lastId(): number;
  /** Forgets those whose events are forgotten. */
  prune(): void;
}

export function createOutageLog(database: Database): OutageLog {
  const put = (pair: string, outage: OutageView): void => {
    const sql = 'INSERT OR REPLACE INTO outages (event, pair, ended, data) VALUES (?, ?, ?, ?)';
    database.run(sql, outage.id, pair, outage.ended, JSON.stringify(outage));
  };
  return {
    put,
    putAll: (outages) =>
      database.transaction(() => {
        for (const [pair, outage] of outages) put(pair, outage);
      }),
    list: (pair, since, limit) =>
      database
        .all(
          'SELECT data FROM outages WHERE pair = ? AND ended >= ? ORDER BY ended DESC, event DESC LIMIT ?',
          ...[pair, since, limit],
        )
        .map(toOutage),
    endedBetween: (pair, from, to) =>
      database
        .all('SELECT event FROM outages WHERE pair = ? AND ended BETWEEN ? AND ?', pair, from, to)
        .map((row) => Number(row['event'])),
    lastId: () => Number(database.all('SELECT MAX(event) AS id FROM outages')[0]?.['id'] ?? 0),
    prune: () => {
      database.run('DELETE FROM outages WHERE event < (SELECT MIN(id) FROM events)');
    },
  };
}

/** Only `put` writes them. */
const toOutage = (row: Row): OutageView => JSON.parse(String(row['data'])) as OutageView;
