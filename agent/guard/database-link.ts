/**
 * One connection to a database server. The socket is the guard's own, so that its end is heard at once and whatever
 * the library thinks. A statement that has no answer within its deadline ends the connection: nothing ever queues
 * behind a statement that hangs. Every rejection is an AppError (SQL_FAILED with the server's errno, DATABASE_DOWN).
 */

import { connect, type Socket } from 'node:net';
import type { Connection, ConnectionOptions, QueryError } from 'mysql2';
import { AppError } from '../../shared/errors/app-error.ts';

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export type LinkTarget =
  | { readonly socket: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      /** PEM text. */
      readonly ca: string;
    };

export interface DatabaseLink {
  /** The server's id of this connection. */
  readonly id: number;
  /** Settles with the rows (none for a statement that has no result). Values take the place of each `?`. */
  query(sql: string, deadlineMs: number, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  destroy(): void;
  /** Settles when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
}

/** Rejects when the server refuses, is not there, or does not answer within `deadlineMs`. */
export async function openLink(target: LinkTarget, deadlineMs: number): Promise<DatabaseLink> {
  // Half of what a start takes is reading this library: it is read once the guard has begun to dial the other voters.
  const { createConnection } = await import('mysql2');
  const socket = 'socket' in target ? connect(target.socket) : connect(target.port, target.host);
  socket.setNoDelay(true);
  const closed = new Promise<void>((resolve) => {
    socket.once('end', resolve).once('close', resolve);
  });
  const connection = createConnection({
    ...accountOf(target),
    stream: () => socket,
    connectTimeout: deadlineMs,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
  });
  return new Promise((resolve, reject) => {
    connection.once('connect', () => resolve(makeLink(connection, socket, closed)));
    connection.on('error', (error: QueryError) => {
      socket.destroy();
      reject(toAppError(error));
    });
    void closed.then(() => reject(new AppError('DATABASE_DOWN', 'The server closed the connection.')));
  });
}

function accountOf(target: LinkTarget): ConnectionOptions {
  if ('socket' in target)
    return { user: 'root', authPlugins: { unix_socket: () => () => Promise.resolve(Buffer.alloc(0)) } };
  return {
    user: target.user,
    password: target.password,
    ssl: { ca: target.ca, minVersion: 'TLSv1.2', rejectUnauthorized: true },
  };
}

function makeLink(connection: Connection, socket: Socket, closed: Promise<void>): DatabaseLink {
  return {
    id: connection.threadId ?? 0,
    closed,
    destroy: () => socket.destroy(),
    query(sql, deadlineMs, values = []) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new AppError('DEADLINE_EXCEEDED', `A statement had no answer within ${deadlineMs} ms.`));
          socket.destroy();
        }, deadlineMs);
        connection.query(sql, [...values], (error, rows) => {
          clearTimeout(timer);
          if (error === null) resolve(Array.isArray(rows) ? (rows as SqlRow[]) : []);
          else reject(toAppError(error));
        });
      });
    },
  };
}

/** The server's error number, or undefined for an error of another origin. */
export function serverErrno(error: unknown): number | undefined {
  if (!(error instanceof AppError)) return undefined;
  const errno = error.data['errno'];
  return typeof errno === 'number' ? errno : undefined;
}

function toAppError(error: QueryError): AppError {
  const code = error.sqlState === undefined || error.fatal ? 'DATABASE_DOWN' : 'SQL_FAILED';
  return new AppError(code, error.message || String(error.code), {
    cause: error,
    data: { errno: error.errno, code: error.code },
  });
}
