/**
 * Connections to the local server as root over its unix socket. Statements are given one at a time, values by `?`,
 * names by quoteName; what the server refuses becomes SQL_FAILED in its own words, no server DATABASE_DOWN.
 */

import { type Connection, type ConnectionOptions, createConnection, type QueryOptions } from 'mysql2/promise';
import { AppError } from '../../shared/errors/app-error.ts';

export type SqlValue = string | number | boolean | null;
export type Row = Readonly<Record<string, string | number | null>>;

export interface SqlSession {
  /** Rows of a statement; an empty list for one that has none. */
  query(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
}

export interface SessionOptions {
  readonly signal?: AbortSignal;
  /** Longest time for connecting and for each statement, ms; default 10 000. */
  readonly timeoutMs?: number;
  /** false: what this session writes stays out of the binary log. */
  readonly binlog?: boolean;
}

export class Sql {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** A connection for the length of `work`, closed whatever happens. */
  async session<T>(work: (session: SqlSession) => Promise<T>, options: SessionOptions = {}): Promise<T> {
    const connection = await this.connect(options);
    try {
      if (options.binlog === false) await connection.query('SET SESSION sql_log_bin = 0');
      return await work(connection);
    } finally {
      connection.close();
    }
  }

  /** A connection that the caller closes. Throws DATABASE_DOWN. */
  async connect(options: SessionOptions = {}): Promise<OpenSession> {
    const timeoutMs = options.timeoutMs ?? 10_000;
    try {
      const connection = await createConnection(connectionOptions(this.#socketPath, timeoutMs));
      return new OpenSession(connection, timeoutMs, options.signal);
    } catch (error) {
      throw databaseDown(error);
    }
  }
}

export class OpenSession implements SqlSession {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  #broken: AppError | undefined;
  #endedIdle = false;

  constructor(connection: Connection, timeoutMs: number, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    connection.on('error', (error: Error) => {
      this.#endedIdle ||= this.#broken === undefined;
      this.#broken ??= databaseDown(error);
    });
  }

  /** The server ended the connection while nothing was asked of it. */
  get ended(): boolean {
    return this.#endedIdle;
  }

  async query(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
    if (this.#broken !== undefined) throw this.#broken;
    const options: QueryOptions = { sql, values: [...values] };
    const rows = await this.#bounded(this.#connection.query(options), sql);
    // A statement without a result set answers with a header object instead of rows.
    return Array.isArray(rows) ? (rows as readonly Row[]) : [];
  }

  /** Says goodbye without waiting for it; a connection that is broken or hung is just dropped. */
  close(): void {
    const whole = this.#broken === undefined;
    this.#broken ??= new AppError('INTERNAL', 'The session is closed.');
    if (whole) this.#connection.end().catch(() => this.#connection.destroy());
    else this.#connection.destroy();
  }

  async #bounded(answer: Promise<[unknown, unknown]>, sql: string): Promise<unknown> {
    const guard = new AbortController();
    const late = new Promise<never>((_, reject) => {
      const giveUp = (error: AppError): void => {
        this.#broken ??= error;
        this.#connection.destroy();
        reject(error);
      };
      const timer = setTimeout(() => giveUp(slow(this.#timeoutMs)), this.#timeoutMs);
      const onAbort = (): void =>
        giveUp(new AppError('CANCELLED', 'The statement was given up because the call was cancelled.'));
      this.#signal?.addEventListener('abort', onAbort, { once: true });
      guard.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        this.#signal?.removeEventListener('abort', onAbort);
      });
    });
    try {
      const [rows] = await Promise.race([answer, late]);
      return rows;
    } catch (error) {
      throw error instanceof AppError ? error : sqlFailed(error, sql);
    } finally {
      guard.abort();
    }
  }
}

/** One name (database, table, column) as SQL. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A name where `_` and `%` would be wildcards: the database of a database-level grant. */
export function quoteDatabasePattern(name: string): string {
  return quoteName(name.replace(/[\\_%]/g, '\\$&'));
}

function connectionOptions(socketPath: string, connectTimeout: number): ConnectionOptions {
  // The server takes the operating system's user for granted here; the client has nothing to prove.
  const nothing = () => () => Buffer.alloc(0);
  return {
    socketPath,
    user: 'root',
    connectTimeout,
    multipleStatements: false,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    charset: 'utf8mb4',
    jsonStrings: true,
    authPlugins: { unix_socket: nothing, auth_socket: nothing },
  };
}

/** Errors of the connection, not of the statement (mysql2's own and Node's codes). */
const CONNECTION_ERRORS = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
]);
/** The server says that it shuts down (ER_SERVER_SHUTDOWN). */
const SERVER_SHUTDOWN = 1053;

function sqlFailed(error: unknown, sql: string): AppError {
  const words = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : 0;
  if (CONNECTION_ERRORS.has(code) || errno === SERVER_SHUTDOWN) return databaseDown(error);
  // Only the verb is named: a statement can hold a password.
  const verb = sql.trim().split(/\s+/).slice(0, 2).join(' ');
  return new AppError('SQL_FAILED', `The server refused ${verb}: ${words}`, { data: { errno } });
}

function databaseDown(error: unknown): AppError {
  const words = error instanceof Error ? error.message : String(error);
  return new AppError('DATABASE_DOWN', `The database server on this host does not answer: ${words}`, {
    cause: error,
  });
}

const slow = (timeoutMs: number): AppError =>
  new AppError('DATABASE_DOWN', `The database server did not answer a statement within ${timeoutMs} ms.`);
