/**
 * One connection that writes rows through an address and tells each attempt's outcome. It never waits without an
 * end: a host that died silently leaves a blocked read, which the statement timeout ends by destroying the socket.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2';
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

/** Server errors after which the row may be there all the same: the session was ended, not the statement refused. */
const unknownServerErrors = new Set([1053, 1152, 1158, 1159, 1160, 1161, 1317, 1927]);

/** Thrown when the answer did not come in time. */
class TimedOut extends Error {}

/** Writes until the signal aborts; the attempt under way is finished first. */
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
  { settings, writer, nextId, record }: WriterPlace,
  open: Connection | undefined,
): Promise<{ connection: Connection | undefined; acknowledged: boolean }> {
  const id = nextId();
  const moment = () => ({ id, writer, at: monotonicMs(), wall: Date.now() });
  record({ type: 'invoke', ...moment() });
  let connection = open;
  try {
    connection ??= await connect(settings);
  } catch (error) {
    record({ type: 'fail', ...moment(), error: `connect: ${describe(error)}` });
    return { connection: undefined, acknowledged: false };
  }
  try {
    const server = await insert(connection, settings, id, writer);
    record({ type: 'ok', ...moment(), server });
    return { connection, acknowledged: true };
  } catch (error) {
    const refused = isRefusal(error);
    record({ type: refused ? 'fail' : 'info', ...moment(), error: describe(error) });
    // A refusing server may be a standby that the address has left: the next attempt asks the address again.
    connection.destroy();
    return { connection: undefined, acknowledged: false };
  }
}

function connect(settings: LoadSettings): Promise<Connection> {
  const { host, port, user, password, database, connectTimeoutMs, tls } = settings;
  const connection = createConnection({
    host,
    port,
    user,
    password,
    database,
    connectTimeout: connectTimeoutMs,
    ...(tls ? { ssl: { rejectUnauthorized: false } } : {}),
  });
  connection.on('error', () => undefined); // also told to the attempt that waits
  return within(connectTimeoutMs, connection, (resolve, reject) => {
    connection.connect((error) => (error === null ? resolve(connection) : reject(error)));
  });
}

/** Inserts the row and answers with @@server_id as the row's own transaction saw it. */
async function insert(
  connection: Connection,
  settings: LoadSettings,
  id: number,
  writer: number,
): Promise<number> {
  const { table, statementTimeoutMs, counters } = settings;
  const ask = (sql: string, values: readonly unknown[] = []) =>
    within<unknown>(statementTimeoutMs, connection, (resolve, reject) => {
      connection.query(sql, [...values], (error, rows) => (error === null ? resolve(rows) : reject(error)));
    });
  const sql = `INSERT INTO ${table} (id, writer, server_id, at) VALUES (?, ?, @@server_id, NOW(6)) RETURNING server_id`;
  // Statements of their own: a transaction over several round trips would hold its locks when its client goes away.
  if (counters > 0)
    await ask(`UPDATE ${table}_counter SET value = value + 1, last_id = ? WHERE k = ?`, [id, id % counters]);
  return serverOf(await ask(sql, [id, writer]));
}

function serverOf(rows: unknown): number {
  const [row]: unknown[] = Array.isArray(rows) ? rows : [];
  if (typeof row === 'object' && row !== null && 'server_id' in row) return Number(row.server_id);
  throw new Error('the server did not return server_id');
}

function within<T>(
  ms: number,
  connection: Connection,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      connection.destroy();
      reject(new TimedOut(`no answer within ${ms} ms`));
    }, ms);
    start(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        connection.destroy();
        reject(error);
      },
    );
  });
}

/** The server itself said no, and a refused statement writes nothing. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('errno' in error) || !('sqlState' in error)) return false;
  return typeof error.errno === 'number' && error.errno >= 1000 && !unknownServerErrors.has(error.errno);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.message;
}
