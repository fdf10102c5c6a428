/** One connection that writes rows through an address and tells each attempt's outcome. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mysql2';
import { ask, columnOf, connect, describe, isRefusal, sequenceOf } from './client.ts';
import { monotonicMs } from './clock.ts';
import type { HistoryEvent } from './history.ts';
import type { LoadSettings } from './settings.ts';

export interface WriterPlace {
  readonly settings: LoadSettings;
  readonly writer: number;
  readonly nextId: () => number;
  readonly record: (event: HistoryEvent) => void;
  readonly signal: AbortSignal;
}

/** Writes until the signal aborts; the attempt under way is finished first, or given up after half a second. */
export async function runWriter(place: WriterPlace): Promise<void> {
  const { settings, signal } = place;
  let connection: Connection | undefined;
  while (!signal.aborted) {
    const written = await attempt(place, connection);
    connection = written.connection;
    const pause = written.acknowledged ? settings.pauseMs : settings.retryMs;
    if (pause > 0) await delay(pause, undefined, { signal }).catch(() => undefined);
  }
  connection?.destroy();
}

async function attempt(
  place: WriterPlace,
  open: Connection | undefined,
): Promise<{ connection: Connection | undefined; acknowledged: boolean }> {
  const { settings, writer, nextId, record, signal } = place;
  const id = nextId();
  const moment = () => ({ id, writer, at: monotonicMs(), wall: Date.now() });
  record({ type: 'invoke', ...moment() });
  let connection = open;
  try {
    connection ??= await connect(settings, signal);
  } catch (error) {
    record({ type: 'fail', ...moment(), error: `connect: ${describe(error)}` });
    return { connection: undefined, acknowledged: false };
  }
  try {
    const written = await insert(connection, place, id);
    record({ type: 'ok', ...moment(), ...written });
    return { connection, acknowledged: true };
  } catch (error) {
    const refused = isRefusal(error);
    record({ type: refused ? 'fail' : 'info', ...moment(), error: describe(error) });
    // A refusing server may be a standby that the address has left: the next attempt asks the address again.
    connection.destroy();
    return { connection: undefined, acknowledged: false };
  }
}

/** Inserts the row and answers with @@server_id as the row's own transaction saw it. */
async function insert(
  connection: Connection,
  { settings, writer, signal }: WriterPlace,
  id: number,
): Promise<{ server: number; seq?: number }> {
  const { table, statementTimeoutMs, counters, gtid } = settings;
  const run = (sql: string, values: readonly unknown[]) =>
    ask(connection, sql, values, statementTimeoutMs, signal);
  const sql = `INSERT INTO ${table} (id, writer, server_id, at) VALUES (?, ?, @@server_id, NOW(6)) RETURNING server_id`;
  // Statements of their own: a transaction over several round trips would hold its locks when its client goes away.
  if (counters > 0)
    await run(`UPDATE ${table}_counter SET value = value + 1, last_id = ? WHERE k = ?`, [id, id % counters]);
  if (!gtid) return { server: Number(columnOf(await run(sql, [id, writer]), 'server_id')) };
  const answers = await run(`${sql}; SELECT @@last_gtid AS gtid`, [id, writer]);
  const [rows, last]: unknown[] = Array.isArray(answers) ? answers : [];
  const seq = sequenceOf(columnOf(last, 'gtid'));
  return { server: Number(columnOf(rows, 'server_id')), ...(seq === undefined ? {} : { seq }) };
}
