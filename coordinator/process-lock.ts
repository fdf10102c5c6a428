/**
 * One process per data folder: an exclusive lock of SQLite on a file of its own. The kernel gives it back when the
 * process ends, however it ends, so there is no stale lock to judge.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../shared/errors/app-error.ts';

/** `path` is the lock file; `what` completes "... is at work there already". Throws AppError REFUSED. */
export function takeProcessLock(path: string, what: string): Disposable {
  const handle = new DatabaseSync(path, { timeout: 0 });
  try {
    handle.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    handle.close();
    throw new AppError('REFUSED', `${what} is at work there already${holderWords(path)} (${path}).`, {
      cause: error,
    });
  }
  writeFileSync(pidFile(path), `${process.pid}\n`, { mode: 0o600 });
  return { [Symbol.dispose]: () => handle.close() };
}

const pidFile = (path: string): string => `${path}.pid`;

function holderWords(path: string): string {
  try {
    return `, as process ${readFileSync(pidFile(path), 'utf8').trim()}`;
  } catch {
    return '';
  }
}
