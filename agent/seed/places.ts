/**
 * Where a copy of the primary's data is on its way into place, all beside the data folder, so that every step is one
 * rename: `incoming` is being received and prepared, `seed` is whole and proven, `old` is what was in its place before.
 */

import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import { errorCode, readTextOrNull } from '../host/files.ts';

const DATA = MARIADB.dataFolder;

export const SEED_PLACES = {
  data: DATA,
  incoming: `${DATA}.hotpair-incoming`,
  seed: `${DATA}.hotpair-seed`,
  old: `${DATA}.hotpair-old`,
} as const;

/** What mariadb-backup leaves in a folder that it made; nothing of the server's. */
export const BACKUP_FILES = [
  'backup-my.cnf',
  'xtrabackup_binlog_info',
  'xtrabackup_binlog_pos_innodb',
  'xtrabackup_checkpoints',
  'xtrabackup_info',
] as const;

/** The position of a copy of this age is still in the primary's binary log. */
const USABLE_MS = 6 * 3_600_000;

export async function isThere(path: string): Promise<boolean> {
  return (await statOrNull(path)) !== null;
}

/** GTID position of the copy in the folder; null where the folder was not made by mariadb-backup. */
export async function positionIn(folder: string): Promise<string | null> {
  const text = await readTextOrNull(join(folder, 'xtrabackup_binlog_info')).catch(() => null);
  return text === null ? null : (parseBinlogInfo(text) ?? '');
}

/** Name of the binary log, offset in it, GTID position, by tabs; null without a GTID. Pure. */
export function parseBinlogInfo(text: string): string | null {
  const gtids = text.trim().split('\t')[2]?.replaceAll(/\s/g, '');
  return gtids !== undefined && /^\d+-\d+-\d+(,\d+-\d+-\d+)*$/.test(gtids) ? gtids : null;
}

export async function isUsableSeed(): Promise<boolean> {
  const made = await statOrNull(join(SEED_PLACES.seed, 'xtrabackup_info'));
  return made !== null && Date.now() - made.mtimeMs < USABLE_MS;
}

/** A mount point cannot be renamed. */
export async function isMountPoint(folder: string): Promise<boolean> {
  const [own, above] = await Promise.all([statOrNull(folder), statOrNull(dirname(folder))]);
  return own !== null && above !== null && own.dev !== above.dev;
}

/** Logs and scratch files of a server: no copy has them. */
const NOT_COPIED = /^(mariadb-bin\.|mariadb-relay-bin\.|ib_logfile|ibtmp|ib_buffer_pool|undo_tmp)/;

/** Bytes of what a copy of the folder has; 0 without the folder. */
export async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const files = entries.filter((entry) => entry.isFile() && !NOT_COPIED.test(entry.name));
  const sizes = await Promise.all(
    files.map(async (file) => await statOrNull(join(file.parentPath, file.name))),
  );
  return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0);
}

async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
