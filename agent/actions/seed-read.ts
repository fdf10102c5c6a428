/** seed-read: how much data the server has, what room there is, and how far a copy of the primary's data has come. */

import type { SeedFacts } from '../../shared/model/action-facts.ts';
import { readDisk } from '../host/host-facts.ts';
import { bytesIn, isMountPoint, isThere, isUsableSeed, positionIn, SEED_PLACES } from '../seed/places.ts';
import { defineAction } from './action.ts';

export const seedRead = defineAction<'seed-read', SeedFacts>({
  resources: () => [],
  async check() {
    const { data, seed, old } = SEED_PLACES;
    const [dataBytes, disk, mounted, seedReady, position, hasOld] = await Promise.all([
      bytesIn(data),
      readDisk(data),
      isMountPoint(data),
      isThere(seed).then((there) => there && isUsableSeed()),
      positionIn(data),
      isThere(old),
    ]);
    const freeBytes = disk.freeBytes;
    return {
      dataFolder: data,
      dataBytes,
      freeBytes,
      mounted,
      seedReady,
      adopted: position,
      old: hasOld ? old : null,
    };
  },
  facts: (facts) => facts,
});
