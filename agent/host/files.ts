/**
 * Writes files so that nothing is ever half there, and only where hotpair may.
 *
 * Invariants: no path outside the allowed folders, no symbolic link anywhere in a path; a reader sees the old bytes or
 * the new ones; the bytes are on the disk before the name points at them; a failed write leaves the old file as it was.
 */

import { constants, type Stats } from 'node:fs';
import { chmod, chown, type FileHandle, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';

export const MAX_FILE_BYTES = 8 * 1024 * 1024;

export interface FileOwnership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface FileOnDisk extends FileOwnership {
  readonly bytes: Buffer;
  readonly mtimeMs: number;
}

/** Throws PATH_REFUSED unless `path` is absolute, plain, inside one of `folders`, and no part of it is a link. */
export async function assertWritablePath(path: string, folders: readonly string[]): Promise<void> {
  if (!isPlainAbsolute(path)) throw refused(path, 'it is not a plain absolute path');
  if (!folders.some((folder) => path.startsWith(`${folder}/`)))
    throw refused(path, `it is outside ${folders.join(', ')}`);
  await assertNoLink(path);
}

/** The parent folders must be folders and the last part a regular file, if it is there at all. */
export async function assertNoLink(path: string): Promise<void> {
  const parts = path.split('/').slice(1);
  let place = '';
  for (const [index, part] of parts.entries()) {
    place = `${place}/${part}`;
    const stats = await lstatOrNull(place);
    if (stats === null) return;
    if (stats.isSymbolicLink()) throw refused(path, `${place} is a symbolic link`);
    const last = index === parts.length - 1;
    if (!last && !stats.isDirectory()) throw refused(path, `${place} is not a folder`);
    if (last && !stats.isFile()) throw refused(path, 'there is something that is not a regular file');
  }
}

export function isPlainAbsolute(path: string): boolean {
  return (
    path.startsWith('/') &&
    !path.includes('\0') &&
    !path.endsWith('/') &&
    normalize(path) === path &&
    !path.split('/').includes('..')
  );
}

/** null when there is no such file. Never follows a link in the last part. */
export async function readFileOrNull(path: string): Promise<FileOnDisk | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    if (errorCode(error) === 'ELOOP') throw refused(path, 'it is a symbolic link');
    throw error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw refused(path, 'it is not a regular file');
    if (stats.size > MAX_FILE_BYTES) throw refused(path, `it is larger than ${MAX_FILE_BYTES} bytes`);
    const { mode, uid, gid, mtimeMs } = stats;
    return { bytes: await handle.readFile(), mode: mode & 0o7777, uid, gid, mtimeMs };
  } finally {
    await handle.close();
  }
}

export interface WriteOptions extends FileOwnership {
  /** Looks at the new bytes in their temporary place; throwing keeps the old file. */
  readonly validate?: (temporaryPath: string) => Promise<void>;
}

/** Throws DISK_FULL naming the file system; the old file stays whatever goes wrong. */
export async function replaceFile(path: string, bytes: Uint8Array, options: WriteOptions): Promise<void> {
  const folder = dirname(path);
  // Hidden and without the suffix of the original, so that no server that reads *.cnf takes it for its own.
  const temporary = join(folder, `.${basename(path)}.hotpair-new`);
  try {
    await ensureFolder(folder);
    await rm(temporary, { force: true });
    await writeNew(temporary, bytes, options);
    await options.validate?.(temporary);
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainWriteError(error, path);
  }
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path)).catch(() => undefined); // The folder itself may be gone.
}

/** Folders that are missing are made for root, mode 0755; what is there stays as it is. */
export async function ensureFolder(folder: string, mode = 0o755): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode });
  if (first !== undefined) await chmod(folder, mode);
}

export async function lstatOrNull(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

export async function readTextOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}

async function writeNew(path: string, bytes: Uint8Array, ownership: FileOwnership): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.chown(ownership.uid, ownership.gid);
    await handle.chmod(ownership.mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function setOwnership(path: string, ownership: FileOwnership): Promise<void> {
  await chown(path, ownership.uid, ownership.gid);
  await chmod(path, ownership.mode);
}

function explainWriteError(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError(
      'DISK_FULL',
      `${path} was not written because the file system of ${dirname(path)} is full; the file is as it was.`,
      { cause: error, data: { path, fileSystem: dirname(path) } },
    );
  return error;
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const refused = (path: string, why: string): AppError =>
  new AppError('PATH_REFUSED', `${path} was refused: ${why}.`, { data: { path } });
