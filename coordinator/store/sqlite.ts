/**
 * The one adapter over node:sqlite: opens a database file so that several processes can write to it at once
 * (WAL, busy timeout) and so that what was written survives a power loss (synchronous=FULL).
 */

import { chmodSync, closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { AppError } from '../../shared/errors/app-error.ts';

/** Longest wait for another process's write, ms. */
const BUSY_TIMEOUT_MS = 10_000;
/** https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

export type Row = Record<string, SQLOutputValue>;

/** What the rest of the store needs of a database. Statements are prepared once and kept. */
export interface Database {
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  all(sql: string, ...values: readonly SQLInputValue[]): Row[];
  /** Runs `work` in one write transaction; a throw rolls it back. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export interface OpenedDatabase {
  readonly database: Database;
  /** Where a damaged file was put; null when the file was sound or new. */
  readonly setAside: string | null;
}

/**
 * Opens `path` (made 0600 if absent) and brings it to the newest of `migrations`. A file that is no database or is
 * damaged is renamed to PATH.broken-TIME and a new one is begun; a file of a newer hotpair is refused.
 */
export function openDatabase(path: string, migrations: readonly string[]): OpenedDatabase {
  const identity = createIfAbsent(path);
  try {
    return { database: open(path, migrations), setAside: null };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const setAside = putAside(path, identity);
    createIfAbsent(path);
    return { database: open(path, migrations), setAside };
  }
}

function createIfAbsent(path: string): number {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  return statSync(path).ino;
}

function open(path: string, migrations: readonly string[]): Database {
  const handle = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Two processes that open a new file at once collide in the change to WAL, where SQLite does not wait by itself.
    retryWhileBusy(() => handle.exec('PRAGMA journal_mode=WAL'));
    handle.exec('PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON');
    assertSound(handle);
    migrate(handle, path, migrations);
    return wrap(handle);
  } catch (error) {
    handle.close();
    throw error;
  }
}

function assertSound(handle: DatabaseSync): void {
  const [row] = handle.prepare('PRAGMA quick_check(1)').all();
  const answer = row?.['quick_check'];
  if (answer !== 'ok') throw Object.assign(new Error(String(answer)), { errcode: SQLITE_CORRUPT });
}

function migrate(handle: DatabaseSync, path: string, migrations: readonly string[]): void {
  const versionOf = (): number => Number(handle.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (versionOf() === migrations.length) return;
  inTransaction(handle, () => {
    const version = versionOf(); // Another process may have migrated while this one waited for the lock.
    if (version > migrations.length)
      throw new AppError(
        'REFUSED',
        `${path} was written by a newer hotpair; use that version of the coordinator.`,
      );
    for (const sql of migrations.slice(version)) handle.exec(sql);
    handle.exec(`PRAGMA user_version=${migrations.length}`);
  });
}

function wrap(handle: DatabaseSync): Database {
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? handle.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  return {
    run: (sql, ...values) => Number(statement(sql).run(...values).lastInsertRowid),
    all: (sql, ...values) => statement(sql).all(...values),
    transaction: (work) => inTransaction(handle, work),
    close: () => handle.close(),
  };
}

function inTransaction<T>(handle: DatabaseSync, work: () => T): T {
  handle.exec('BEGIN IMMEDIATE'); // Takes the write lock at once, so the busy timeout applies and reads stay valid.
  try {
    const answer = work();
    handle.exec('COMMIT');
    return answer;
  } catch (error) {
    handle.exec('ROLLBACK');
    throw error;
  }
}

function retryWhileBusy(work: () => void): void {
  const end = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (errcodeOf(error) !== SQLITE_BUSY || performance.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/** Extended result codes keep the primary code in the low byte. */
function errcodeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

function isDamage(error: unknown): boolean {
  const code = errcodeOf(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** The inode is compared so that of two processes that find the damage, the later one does not set the new file aside. */
function putAside(path: string, identity: number): string {
  const target = `${path}.broken-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  if (!existsSync(path) || statSync(path).ino !== identity) return target;
  renameSync(path, target);
  for (const suffix of ['-wal', '-shm'])
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  return target;
}
