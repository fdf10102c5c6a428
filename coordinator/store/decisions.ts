/** What the guards decided, host by host, as they wrote it themselves: each decision once, in the order in which it was made. */

import type { GuardDecision } from '../../shared/model/guard-decision.ts';
import type { Database, Row } from './sqlite.ts';

export interface StoredDecision {
  readonly host: string;
  /** Milliseconds since the epoch, on the coordinator's clock. */
  readonly time: number;
  readonly decision: GuardDecision;
}

export interface DecisionLog {
  /** `offsetMs` is what the host's clock lacks to the coordinator's. What is stored already stays as it is. */
  add(pair: string, host: string, decisions: readonly GuardDecision[], offsetMs: number): void;
  /** Id of the host's newest decision here. */
  last(pair: string, host: string): string | null;
  /** In the order of time, ends included. */
  between(pair: string, from: number, to: number): StoredDecision[];
  /** Forgets all but the newest `keep`. */
  prune(keep: number): void;
}

export function createDecisionLog(database: Database): DecisionLog {
  return {
    add: (pair, host, decisions, offsetMs) =>
      database.transaction(() => add(database, pair, host, decisions, offsetMs)),
    last: (pair, host) => {
      const sql = 'SELECT decision FROM decisions WHERE pair = ? AND host = ? ORDER BY id DESC LIMIT 1';
      const [row] = database.all(sql, pair, host);
      return row === undefined ? null : String(row['decision']);
    },
    between: (pair, from, to) =>
      database
        .all(
          'SELECT * FROM decisions WHERE pair = ? AND time BETWEEN ? AND ? ORDER BY time, id',
          ...[pair, from, to],
        )
        .map(toDecision),
    prune: (keep) => {
      database.run(
        'DELETE FROM decisions WHERE id <= (SELECT id FROM decisions ORDER BY id DESC LIMIT 1 OFFSET ?)',
        keep,
      );
    },
  };
}

/** What was made later never comes to stand earlier because the offset is known better by now. */
function add(
  database: Database,
  pair: string,
  host: string,
  decisions: readonly GuardDecision[],
  offsetMs: number,
): void {
  // After the data folder of a host was made anew its ids begin again, so the time belongs to the identity.
  const insert =
    'INSERT OR IGNORE INTO decisions (time, pair, host, decision, at, data) VALUES (?, ?, ?, ?, ?, ?)';
  const newest = 'SELECT time, at FROM decisions WHERE pair = ? AND host = ? ORDER BY id DESC LIMIT 1';
  const [row] = database.all(newest, pair, host);
  const [lastTime, lastAt] = [Number(row?.['time'] ?? 0), Number(row?.['at'] ?? 0)];
  for (const one of decisions) {
    const seen = Math.round(one.at + offsetMs);
    const time = one.at >= lastAt ? Math.max(seen, lastTime) : seen;
    database.run(insert, time, pair, host, one.id, one.at, JSON.stringify(one));
  }
}

/** Every row was checked before it was written. */
function toDecision(row: Row): StoredDecision {
  const decision = JSON.parse(String(row['data'])) as GuardDecision;
  return { host: String(row['host']), time: Number(row['time']), decision };
}
