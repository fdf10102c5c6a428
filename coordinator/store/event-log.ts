/** The history of events: append, correct, list, last. Every event is durable when append returns. */

import type { SQLInputValue } from 'node:sqlite';
import { type EventKind, isEventKind } from './event-kinds.ts';
import type { Database, Row } from './sqlite.ts';

/** Pair name of events that concern the coordinator itself. */
export const NO_PAIR = '-';

export interface StoredEvent {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly pair: string;
  readonly host: string | null;
  readonly kind: EventKind;
  /** One sentence for people. */
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface NewEvent {
  /** Milliseconds since the epoch; now, when absent. */
  readonly time?: number;
  readonly pair: string;
  readonly host?: string | null;
  readonly kind: EventKind;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface EventQuery {
  readonly pair?: string;
  /** Only events after this id. */
  readonly sinceId?: number;
  /** Only events before this id. */
  readonly beforeId?: number;
  /** Only events at or after this time, ms since the epoch. */
  readonly sinceTime?: number;
  /** Only events at or before this time. */
  readonly untilTime?: number;
  readonly kinds?: readonly EventKind[];
  /** The newest so many of them; all, when absent. */
  readonly limit?: number;
}

export interface EventLog {
  append(event: NewEvent): StoredEvent;
  /** All of them, in that order, or none. */
  appendAll(events: readonly NewEvent[]): void;
  /** Writes what it says and its data anew: more may be known by now of what it tells. */
  correct(event: Pick<StoredEvent, 'id' | 'message' | 'data'>): void;
  get(id: number): StoredEvent | null;
  /** Oldest first. */
  list(query?: EventQuery): StoredEvent[];
  last(kind: EventKind, pair: string): StoredEvent | null;
  /** Id of the newest event; 0 where there is none. */
  lastId(): number;
  /** Forgets all but the newest `keep` events; answers how many went. */
  prune(keep: number): number;
}

const DAY_MS = 86_400_000;

export function createEventLog(database: Database): EventLog {
  return {
    append: (event) => append(database, event),
    appendAll: (events) =>
      database.transaction(() => {
        for (const event of events) append(database, event);
      }),
    correct: ({ id, message, data }) => {
      database.run(
        'UPDATE events SET message = ?, data = ? WHERE id = ?',
        ...[message, JSON.stringify(data), id],
      );
    },
    get: (id) => database.all('SELECT * FROM events WHERE id = ?', id).flatMap(toEvents)[0] ?? null,
    list: (query = {}) => list(database, query),
    last: (kind, pair) => {
      const sql = 'SELECT * FROM events WHERE kind = ? AND pair = ? ORDER BY id DESC LIMIT 1';
      return database.all(sql, kind, pair).flatMap(toEvents)[0] ?? null;
    },
    lastId: () => Number(database.all('SELECT MAX(id) AS id FROM events')[0]?.['id'] ?? 0),
    prune: (keep) => prune(database, keep),
  };
}

function append(database: Database, event: NewEvent): StoredEvent {
  const full = { time: Date.now(), host: null, data: {}, ...event };
  const id = database.run(
    'INSERT INTO events (time, pair, host, kind, message, data) VALUES (?, ?, ?, ?, ?, ?)',
    full.time,
    full.pair,
    full.host,
    full.kind,
    full.message,
    JSON.stringify(full.data),
  );
  return { id, ...full };
}

/** Each kind is looked for by itself, where its index ends it after `limit` rows; then the newest of all are taken. */
function list(database: Database, query: EventQuery): StoredEvent[] {
  const { parts, values } = conditions(query);
  const kinds = query.kinds ?? [null];
  if (kinds.length === 0) return [];
  const limit = query.limit ?? -1;
  const selects = kinds.map((kind) => {
    const all = kind === null ? parts : ['kind = ?', ...parts];
    const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
    return `SELECT * FROM (SELECT * FROM events ${where} ORDER BY id DESC LIMIT ?)`;
  });
  const given = kinds.flatMap((kind) => [...(kind === null ? [] : [kind]), ...values, limit]);
  return database
    .all(`${selects.join(' UNION ALL ')} ORDER BY id DESC LIMIT ?`, ...given, limit)
    .reverse()
    .flatMap(toEvents);
}

function conditions(query: EventQuery): { parts: string[]; values: SQLInputValue[] } {
  const parts: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (sql: string, ...more: SQLInputValue[]): void => {
    parts.push(sql);
    values.push(...more);
  };
  if (query.pair !== undefined) add('pair = ?', query.pair);
  if (query.sinceId !== undefined) add('id > ?', query.sinceId);
  if (query.beforeId !== undefined) add('id < ?', query.beforeId);
  if (query.sinceTime !== undefined) {
    // The order is that of the ids, so the time is made one, a day too early in case the clock was set back since; "+"
    // keeps the index of the times out of the rest.
    const own = query.pair === undefined ? '' : 'pair = ? AND ';
    const pair = query.pair === undefined ? [] : [query.pair];
    const first = `(SELECT id FROM events WHERE ${own}time >= ? ORDER BY time LIMIT 1)`;
    add(`id >= ${first} AND +time >= ?`, ...pair, query.sinceTime - DAY_MS, query.sinceTime);
  }
  if (query.untilTime !== undefined) {
    // As above, a day too late.
    const own = query.pair === undefined ? '' : 'pair = ? AND ';
    const pair = query.pair === undefined ? [] : [query.pair];
    const last = `(SELECT id FROM events WHERE ${own}time <= ? ORDER BY time DESC LIMIT 1)`;
    add(`id <= ${last} AND +time <= ?`, ...pair, query.untilTime + DAY_MS, query.untilTime);
  }
  return { parts, values };
}

function prune(database: Database, keep: number): number {
  return database.transaction(() => {
    const [row] = database.all('SELECT COUNT(*) AS n FROM events');
    const excess = Math.max(0, Number(row?.['n'] ?? 0) - keep);
    if (excess > 0)
      database.run('DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?)', excess);
    return excess;
  });
}

/** A kind that this version does not know (written by a newer one) is left out. */
function toEvents(row: Row): StoredEvent[] {
  const kind = row['kind'];
  if (!isEventKind(kind)) return [];
  return [
    {
      id: Number(row['id']),
      time: Number(row['time']),
      pair: String(row['pair']),
      host: row['host'] === null ? null : String(row['host']),
      kind,
      message: String(row['message']),
      data: JSON.parse(String(row['data'])) as Record<string, unknown>,
    },
  ];
}
