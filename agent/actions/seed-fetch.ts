/**
 * seed-fetch: a copy of the other host's data is here, whole and proven, beside the data folder, which is not touched. What
 * was cut off begins anew; a copy that is whole is not fetched again.
 */

import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { SeedFetchFacts } from '../../shared/model/action-facts.ts';
import type { ActionParams } from '../../shared/protocol/actions.ts';
import { readTextOrNull } from '../host/files.ts';
import type { Host } from '../host/host.ts';
import { readDisk } from '../host/host-facts.ts';
import { isMountPoint, isThere, isUsableSeed, positionIn, SEED_PLACES } from '../seed/places.ts';
import { receiveSeed } from '../seed/receive-seed.ts';
import { defineAction } from './action.ts';

const { data, incoming, seed } = SEED_PLACES;
/** The log that is applied to the copy, and a little air. */
const SPARE_BYTES = 300_000_000;
const PREPARE_MS = 6 * 3_600_000;
const TIDY_MS = 600_000;

export const seedFetch = defineAction<'seed-fetch', SeedFetchFacts>({
  resources: () => ['data'],
  async check() {
    return { position: (await isUsableSeed()) ? await positionIn(seed) : null };
  },
  plan: ({ position }, { from }) =>
    position === null ? [{ subject: `copy of ${from.name}`, summary: 'receive, prepare and check' }] : [],
  apply: (host, _state, params) => fetchSeed(host, params),
  facts: (facts) => facts,
});

async function fetchSeed(host: Host, { from, bytes }: ActionParams<'seed-fetch'>): Promise<void> {
  await rm(incoming, { recursive: true, force: true });
  await rm(seed, { recursive: true, force: true });
  await checkRoom(bytes);
  await mkdir(incoming, { mode: 0o700 });
  await receiveSeed(host, from, bytes, incoming);
  host.progress('preparing the copy');
  await host.run(['mariadb-backup', '--prepare', `--target-dir=${incoming}`], { timeoutMs: PREPARE_MS });
  await prove();
  await host.run(['chown', '-R', `${MARIADB.owner}:${MARIADB.owner}`, incoming], { timeoutMs: TIDY_MS });
  host.progress('writing the copy to the disk');
  await host.run(['sync', '-f', incoming], { timeoutMs: TIDY_MS });
  await rename(incoming, seed);
}

async function checkRoom(bytes: number): Promise<void> {
  if (await isMountPoint(data))
    throw new AppError(
      'REFUSED',
      `${data} is a file system of its own, and a copy beside it would be on another one: mount the file system above ${data} instead, or copy by hand.`,
    );
  const { freeBytes } = await readDisk(incoming);
  const needed = bytes + SPARE_BYTES;
  if (freeBytes < needed)
    throw new AppError(
      'DISK_FULL',
      `The copy needs ${megabytes(needed)} beside ${data}, and ${megabytes(freeBytes)} are free. The data that are there stay until the copy serves.`,
    );
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`;

/** What the preparation leaves when it has come to its end; without a position nobody could follow from the copy. */
async function prove(): Promise<void> {
  const checkpoints = (await readTextOrNull(join(incoming, 'xtrabackup_checkpoints'))) ?? '';
  if (!/^backup_type = (log-applied|full-prepared)$/m.test(checkpoints))
    throw new AppError(
      'COMMAND_FAILED',
      `The copy was not prepared: ${checkpoints.trim() || 'it says nothing'}.`,
    );
  for (const part of ['ibdata1', 'mysql'])
    if (!(await isThere(join(incoming, part))))
      throw new AppError('COMMAND_FAILED', `The copy has no ${part}: it is of no use.`);
  if (!(await positionIn(incoming)))
    throw new AppError(
      'COMMAND_FAILED',
      'The copy has no GTID position: the primary has written nothing to its binary log yet.',
    );
}
