/**
 * Alerts and the outbox of their messages. Invariant: what was decided about alerts, the messages that follow from it and
 * how far the events were read are written together or not at all, so a daemon that is killed neither loses a message
 * nor decides it twice.
 */

import { randomUUID } from 'node:crypto';
import type { AlertMessage } from '../alerts/message.ts';
import type { AlertState } from '../alerts/state.ts';
import type { Database, Row } from './sqlite.ts';

export interface StoredAlert extends AlertState {
  readonly id: number;
}

/** A message on its way to one receiver. */
export interface Delivery {
  /** Key of the alert that it is about. */
  readonly key: string;
  readonly receiver: string;
  readonly message: AlertMessage;
  /** Not to be sent before, ms since the epoch. */
  readonly due: number;
}

export interface AlertChanges {
  /** As they are from now on; one whose `closed` is set leaves the list of open ones. */
  readonly alerts: readonly AlertState[];
  /** Keys of alerts that never were told of, and are over. */
  readonly dropped: readonly string[];
  readonly deliveries: readonly Delivery[];
  /** Id of the last event that was looked at. */
  readonly event: number;
}

export interface PendingDelivery {
  readonly id: number;
  /** The same at each attempt: receivers that honour it take the message once. */
  readonly uuid: string;
  readonly alert: number;
  readonly receiver: string;
  readonly message: AlertMessage;
  readonly created: number;
  readonly due: number;
  readonly attempts: number;
  readonly error: string | null;
}

export interface AlertLog {
  open(): StoredAlert[];
  /** Newest first. */
  closed(limit: number): StoredAlert[];
  /**
   * Reads, decides and writes in one go. `work` gets the open alerts and the id of the last event that was looked at (null
   * before the first); null: nothing has changed.
   */
  update(work: (open: readonly StoredAlert[], event: number | null) => AlertChanges | null): void;
  /** Takes the acknowledgement of an open alert down; answers it, or null where there is none of that number. */
  acknowledge(id: number, work: (alert: StoredAlert) => Omit<AlertChanges, 'event'>): StoredAlert | null;
  /** Oldest first; of each alert and receiver only the first, so that nobody hears of an end before its beginning. */
  due(now: number): PendingDelivery[];
  pending(): PendingDelivery[];
  delivered(id: number, now: number): void;
  /** `due` null: it is not tried again. */
  failed(id: number, error: string, due: number | null, now: number): void;
  /** Forgets all but the newest `keep` closed alerts, and messages that have ended. */
  prune(keep: number): void;
}

const PENDING = 'SELECT * FROM outbox WHERE ended IS NULL';

export function createAlertLog(database: Database): AlertLog {
  const open = (): StoredAlert[] =>
    database.all('SELECT id, data FROM alerts WHERE closed IS NULL ORDER BY id').map(toAlert);
  return {
    open,
    closed: (limit) =>
      database
        .all('SELECT id, data FROM alerts WHERE closed IS NOT NULL ORDER BY id DESC LIMIT ?', limit)
        .map(toAlert),
    update: (work) =>
      database.transaction(() => {
        const [row] = database.all('SELECT event FROM alert_progress');
        const changes = work(open(), row === undefined ? null : Number(row['event']));
        if (changes === null) return;
        save(database, changes);
        database.run('INSERT OR REPLACE INTO alert_progress (one, event) VALUES (1, ?)', changes.event);
      }),
    acknowledge: (id, work) =>
      database.transaction(() => {
        const alert = open().find((one) => one.id === id);
        if (alert === undefined) return null;
        save(database, work(alert));
        return alert;
      }),
    due: (now) => {
      const earlier =
        'SELECT 1 FROM outbox AS first WHERE first.ended IS NULL AND first.receiver = outbox.receiver AND first.alert = outbox.alert AND first.id < outbox.id';
      return database
        .all(`${PENDING} AND due <= ? AND NOT EXISTS (${earlier}) ORDER BY id`, now)
        .map(toDelivery);
    },
    pending: () => database.all(`${PENDING} ORDER BY id`).map(toDelivery),
    delivered: (id, now) => {
      const sql = 'UPDATE outbox SET ended = ?, error = NULL, attempts = attempts + 1 WHERE id = ?';
      database.run(sql, now, id);
    },
    failed: (id, error, due, now) => {
      const sql =
        'UPDATE outbox SET error = ?1, due = COALESCE(?2, due), ended = IIF(?2 IS NULL, ?3, NULL), attempts = attempts + 1 WHERE id = ?4';
      database.run(sql, error, due, now, id);
    },
    prune: (keep) => prune(database, keep),
  };
}

function save(database: Database, { alerts, dropped, deliveries }: Omit<AlertChanges, 'event'>): void {
  const known = (key: string): number | null => {
    const [row] = database.all('SELECT id FROM alerts WHERE key = ? AND closed IS NULL', key);
    return row === undefined ? null : Number(row['id']);
  };
  const ids = new Map<string, number>();
  for (const { key, ...alert } of alerts) {
    const data = JSON.stringify({ key, ...alert });
    const id = known(key) ?? database.run('INSERT INTO alerts (key, data) VALUES (?, ?)', key, data);
    database.run('UPDATE alerts SET closed = ?, data = ? WHERE id = ?', alert.closed, data, id);
    ids.set(key, id);
  }
  for (const key of dropped) database.run('DELETE FROM alerts WHERE key = ? AND closed IS NULL', key);
  for (const { key, receiver, message, due } of deliveries)
    database.run(
      'INSERT INTO outbox (uuid, alert, receiver, message, created, due, attempts) VALUES (?, ?, ?, ?, ?, ?, 0)',
      ...[
        randomUUID(),
        ids.get(key) ?? known(key) ?? 0,
        receiver,
        JSON.stringify(message),
        message.time,
        due,
      ],
    );
}

function prune(database: Database, keep: number): void {
  const last = (table: string, ended: string): string =>
    `SELECT id FROM ${table} WHERE ${ended} IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?`;
  for (const [table, ended] of [
    ['alerts', 'closed'],
    ['outbox', 'ended'],
  ] as const)
    database.run(`DELETE FROM ${table} WHERE ${ended} IS NOT NULL AND id <= (${last(table, ended)})`, keep);
}

/** Written by save() only. */
function toAlert(row: Row): StoredAlert {
  return { id: Number(row['id']), ...(JSON.parse(String(row['data'])) as AlertState) };
}

function toDelivery(row: Row): PendingDelivery {
  return {
    ...{ id: Number(row['id']), uuid: String(row['uuid']), alert: Number(row['alert']) },
    receiver: String(row['receiver']),
    message: JSON.parse(String(row['message'])) as AlertMessage, // Written by save() only.
    ...{ created: Number(row['created']), due: Number(row['due']), attempts: Number(row['attempts']) },
    error: row['error'] === null ? null : String(row['error']),
  };
}
