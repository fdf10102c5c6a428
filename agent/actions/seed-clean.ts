/** seed-clean: nothing of a copy's way into place is left; the former data go, or with `keep` stay under a name of their own. */

import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { SeedCleanFacts } from '../../shared/model/action-facts.ts';
import { BACKUP_FILES, isThere, SEED_PLACES } from '../seed/places.ts';
import { defineAction } from './action.ts';

const { data, incoming, seed, old } = SEED_PLACES;

interface CleanState {
  /** Paths that are there and are to go. */
  readonly left: readonly string[];
}

export const seedClean = defineAction<'seed-clean', CleanState>({
  resources: () => ['data'],
  async check() {
    const paths = [incoming, seed, old, ...BACKUP_FILES.map((name) => join(data, name))];
    const there = await Promise.all(paths.map(isThere));
    return { left: paths.filter((_, index) => there[index]) };
  },
  plan: ({ left }, { keep }) =>
    left.map((path) => ({
      subject: path,
      summary: path === old && keep ? 'keep under another name' : 'remove',
    })),
  async apply(host, { left }, { keep }) {
    for (const path of left) {
      host.progress(`tidying ${path}`);
      if (path === old && keep) await rename(old, `${MARIADB.dataFolder}.hotpair-kept-${Date.now()}`);
      else await rm(path, { recursive: true, force: true });
    }
  },
  facts: ({ left }): SeedCleanFacts => ({ left }),
});
