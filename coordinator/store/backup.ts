/**
 * A copy of the store while the daemon and commands write to it. VACUUM INTO reads one moment of the file, keeps no writer
 * waiting and does not begin again when somebody writes, as the stepwise backup would: https://sqlite.org/lang_vacuum.html
 *
 * Invariant: under the name that was asked for there is a whole, checked copy that survives a power loss, or nothing.
 */

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../shared/errors/app-error.ts';
import { STORE_FILE } from './open-store.ts';
import { assertSound } from './sqlite.ts';
import { storeError } from './store-error.ts';

export interface Backup {
  readonly file: string;
  readonly bytes: number;
}

/** Throws NOT_FOUND without a store; REFUSED where `file` exists, cannot be written or the store is damaged; DISK_FULL. */
export function backUpStore(dataDir: string, file: string): Backup {
  const source = join(dataDir, STORE_FILE);
  if (!existsSync(source)) throw new AppError('NOT_FOUND', `There is no store in ${dataDir} yet.`);
  if (existsSync(file)) throw new AppError('REFUSED', `${file} exists already: name another file.`);
  const part = `${file}.part-${process.pid}`;
  try {
    copy(source, part);
    const check = new DatabaseSync(part, { readOnly: true });
    try {
      assertSound(check);
    } finally {
      check.close();
    }
    flush(part);
    renameSync(part, file);
    flush(dirname(file));
  } catch (error) {
    throw storeError(error, file);
  } finally {
    rmSync(part, { force: true });
  }
  return { file, bytes: statSync(file).size };
}

function copy(source: string, target: string): void {
  closeSync(openSync(target, 'wx', 0o600));
  const handle = new DatabaseSync(source, { timeout: 10_000 });
  try {
    handle.prepare('VACUUM INTO ?').run(target);
  } finally {
    handle.close();
  }
}

function flush(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
