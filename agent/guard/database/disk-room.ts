/**
 * Whether the file system of the server's data has room. A server that finds none does not say so: it waits for a minute
 * at a time, and everybody who commits waits with it.
 */

import { statfsSync } from 'node:fs';
import { MARIADB } from '../../../shared/flavor/mariadb.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';

const MB = 1024 * 1024;
/** The next commit may be one too many. */
const FULL_BELOW_BYTES = MB;
/** What a start writes before the first row (12 MB of temporary tablespace), and then some rows. */
const ENOUGH_BYTES = 24 * MB;

export class DiskRoom {
  full = false;
  readonly #log: Logger;
  readonly #folder: string;

  constructor(log: Logger, folder: string = MARIADB.dataFolder) {
    this.#log = log;
    this.#folder = folder;
  }

  /** Called with every tick: reads numbers that the kernel has in memory, and waits for no disk. */
  tick(): void {
    const full = isFull(this.full, freeBytes(this.#folder));
    if (full === this.full) return;
    this.full = full;
    const fields = { folder: this.#folder, freeMb: Math.floor(freeBytes(this.#folder) / MB) };
    if (full) this.#log.error(fields, 'The disk of the database is full.');
    else this.#log.info(fields, 'The disk of the database has room again.');
  }
}

/** Full from the last megabyte on, and until there is enough for a start: what frees a little does not end it. */
export function isFull(before: boolean, free: number): boolean {
  return free < (before ? ENOUGH_BYTES : FULL_BELOW_BYTES);
}

/** For others than root; no folder is no full one. */
function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
