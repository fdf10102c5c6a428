/**
 * The one adapter over node:sqlite: opens a database file so that several processes can write to it at once
 * (WAL, busy timeout) and so that what was written survives a power loss (synchronous=FULL).
 *
 * Invariant: a file that is damaged, found at the start or while it is used, is set aside and a new one begun; a process
 * neither ends by it nor comes back to it.
 */

import { chmodSync, closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { AppError } from '../../shared/errors/app-error.ts';
import { errcodeOf, isDamage, SQLITE, storeError } from './store-error.ts';

/** Longest wait for another process's write, ms. */
const BUSY_TIMEOUT_MS = 10_000;

export type Row = Record<string, SQLOutputValue>;

/** What the rest of the store needs of a database. Throws storeError()'s errors. */
export interface Database {
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  all(sql: string, ...values: readonly SQLInputValue[]): Row[];
  /** Runs `work` in one write transaction; a throw rolls it back. */
  transaction<T>(work: () => T): T;
  close(): void;
}

interface Opened {
  readonly handle: DatabaseSync;
  /** Statements are prepared once and kept. */
  readonly prepared: Map<string, ReturnType<DatabaseSync['prepare']>>;
}

/**
 * Opens `path` (made 0600 if absent) and brings it to the newest of `migrations`. A file that is no database or is
 * damaged is renamed to PATH.broken-TIME and a new one is begun: `onReplaced` gets the name, at the start or later, when a
 * new one is in use. A file of a newer hotpair is refused.
 */
export function openDatabase(
  path: string,
  migrations: readonly string[],
  onReplaced: (setAside: string) => void,
): Database {
  let { opened, setAside } = openOrReplace(path, migrations);
  const guarded = <T>(work: (opened: Opened) => T): T => {
    try {
      return work(opened);
    } catch (error) {
      if (isDamage(error)) replace();
      throw storeError(error, path);
    }
  };
  const replace = (): void => {
    opened.handle.close();
    ({ opened, setAside } = openOrReplace(path, migrations));
    if (setAside !== null) onReplaced(setAside);
  };
  const database: Database = {
    run: (sql, ...values) => guarded((own) => Number(statement(own, sql).run(...values).lastInsertRowid)),
    all: (sql, ...values) => guarded((own) => statement(own, sql).all(...values)),
    transaction: (work) => guarded(({ handle }) => inTransaction(handle, work)),
    close: () => opened.handle.close(),
  };
  if (setAside !== null) onReplaced(setAside);
  return database;
}

function statement({ handle, prepared }: Opened, sql: string): ReturnType<DatabaseSync['prepare']> {
  const known = prepared.get(sql) ?? handle.prepare(sql);
  prepared.set(sql, known);
  return known;
}

function openOrReplace(
  path: string,
  migrations: readonly string[],
): { readonly opened: Opened; readonly setAside: string | null } {
  const identity = createIfAbsent(path);
  try {
    return { opened: open(path, migrations), setAside: null };
  } catch (error) {
    if (!isDamage(error)) throw storeError(error, path);
    const setAside = putAside(path, identity);
    createIfAbsent(path);
    return { opened: open(path, migrations), setAside };
  }
}

function createIfAbsent(path: string): number {
  try {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    return statSync(path).ino;
  } catch (error) {
    throw storeError(error, path);
  }
}

function open(path: string, migrations: readonly string[]): Opened {
  const handle = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Two processes that open a new file at once collide in the change to WAL, where SQLite does not wait by itself.
    retryWhileBusy(() => handle.exec('PRAGMA journal_mode=WAL'));
    handle.exec('PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON');
    assertSound(handle);
    migrate(handle, path, migrations);
    return { handle, prepared: new Map() };
  } catch (error) {
    handle.close();
    throw error;
  }
}

/** Throws an error of SQLite's own code for damage. */
export function assertSound(handle: DatabaseSync): void {
  const [row] = handle.prepare('PRAGMA quick_check(1)').all();
  const answer = row?.['quick_check'];
  if (answer !== 'ok') throw Object.assign(new Error(String(answer)), { errcode: SQLITE.corrupt });
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

function inTransaction<T>(handle: DatabaseSync, work: () => T): T {
  handle.exec('BEGIN IMMEDIATE'); // Takes the write lock at once, so the busy timeout applies and reads stay valid.
  try {
    const answer = work();
    handle.exec('COMMIT');
    return answer;
  } catch (error) {
    try {
      handle.exec('ROLLBACK');
    } catch {
      // A full disk has rolled it back already, and a damaged file is closed: the first error is the one to tell.
    }
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
      if (errcodeOf(error) !== SQLITE.busy || performance.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
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
