/**
 * A connection of a load client. Nothing here waits without an end: a host that died silently leaves a blocked read,
 * which the timeout ends by destroying the socket, and so does the end of the client a moment after it was told.
 */

import { type Connection, createConnection } from 'mysql2';
import type { LoadSettings } from './settings.ts';

export type ConnectSettings = Pick<
  LoadSettings,
  'host' | 'port' | 'user' | 'password' | 'database' | 'connectTimeoutMs' | 'tls'
>;

/** Server errors after which the row may be there all the same: the session was ended, not the statement refused. */
const unknownServerErrors = new Set([1053, 1152, 1158, 1159, 1160, 1161, 1317, 1927]);
/** What a statement under way is still given once the client is told to end. */
const lastWordsMs = 500;

/** Thrown when the answer did not come in time. */
class TimedOut extends Error {}

export function connect(settings: ConnectSettings, signal: AbortSignal): Promise<Connection> {
  const { host, port, user, password, database, connectTimeoutMs, tls } = settings;
  const connection = createConnection({
    ...{ host, port, user, password, database },
    connectTimeout: connectTimeoutMs,
    multipleStatements: true,
    ...(tls ? { ssl: { rejectUnauthorized: false } } : {}),
  });
  connection.on('error', () => undefined); // also told to the attempt that waits
  return within(connectTimeoutMs, connection, signal, (resolve, reject) => {
    connection.connect((error) => (error === null ? resolve(connection) : reject(error)));
  });
}

/** Runs one text of statements; its answer is what mysql2 makes of it. */
export function ask(
  connection: Connection,
  sql: string,
  values: readonly unknown[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<unknown> {
  return within<unknown>(timeoutMs, connection, signal, (resolve, reject) => {
    connection.query(sql, [...values], (error, rows) => (error === null ? resolve(rows) : reject(error)));
  });
}

function within<T>(
  ms: number,
  connection: Connection,
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => {
      connection.destroy();
      reject(new TimedOut(`no answer within ${ms} ms`));
    };
    let timer = setTimeout(giveUp, ms);
    const hurry = (): void => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, Math.min(ms, lastWordsMs));
    };
    if (signal.aborted) hurry();
    signal.addEventListener('abort', hurry, { once: true });
    const settled = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', hurry);
    };
    start(
      (value) => {
        settled();
        resolve(value);
      },
      (error) => {
        settled();
        connection.destroy();
        reject(error);
      },
    );
  });
}

/** The server itself said no, and a refused statement writes nothing. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('errno' in error) || !('sqlState' in error)) return false;
  return typeof error.errno === 'number' && error.errno >= 1000 && !unknownServerErrors.has(error.errno);
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.message;
}

/** The row's value at `column` in the first row of an answer. */
export function columnOf(rows: unknown, column: string): unknown {
  const [row]: unknown[] = Array.isArray(rows) ? rows : [];
  if (typeof row === 'object' && row !== null && column in row)
    return (row as Record<string, unknown>)[column];
  throw new Error(`the server did not return ${column}`);
}

/** Sequence number of `0-1-1234`; undefined for another domain or none. */
export function sequenceOf(gtid: unknown): number | undefined {
  const match = /^0-\d+-(\d+)$/.exec(String(gtid));
  return match === null ? undefined : Number(match[1]);
}
