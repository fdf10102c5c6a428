/** What SQLite and the file system say about the store, as errors with a code. */

import { AppError } from '../../shared/errors/app-error.ts';

/** Primary result codes: https://sqlite.org/rescode.html */
export const SQLITE = {
  busy: 5,
  readOnly: 8,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  noDatabase: 26,
} as const;

const FULL = ['ENOSPC', 'EDQUOT'];
const NOT_ALLOWED = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOENT'];

/** Extended result codes keep the primary code in the low byte. */
export function errcodeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

export function isDamage(error: unknown): boolean {
  const code = errcodeOf(error);
  return code === SQLITE.corrupt || code === SQLITE.noDatabase;
}

/** DISK_FULL, REFUSED or STORE_UNAVAILABLE; what is neither of the disk nor of SQLite stays as it is. */
export function storeError(cause: unknown, path: string): unknown {
  const sqlite = errcodeOf(cause);
  const system = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (sqlite === SQLITE.full || FULL.includes(system))
    return new AppError('DISK_FULL', `The disk of ${path} is full.`, { cause });
  if (sqlite === SQLITE.cannotOpen || sqlite === SQLITE.readOnly || NOT_ALLOWED.includes(system))
    return new AppError(
      'REFUSED',
      `${path} cannot be used (${cause instanceof Error ? cause.message : system}): run as the user that it belongs to, or set coordinator.data.`,
      { cause },
    );
  if (system === 'ERR_INVALID_STATE')
    return new AppError('STORE_UNAVAILABLE', `The store ${path} is closed: its process stops.`, { cause });
  if (sqlite === null) return cause;
  const words = cause instanceof Error ? cause.message : '';
  return new AppError('STORE_UNAVAILABLE', `The store ${path} cannot be used: ${words}.`, { cause });
}
