// Takes everything of a run away: processes, namespaces, disks, record. Blocking, repeatable, and it needs nothing but
// the prefix and the record, so that it serves a close, a signal, a process exit and the leftovers of a killed run.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeCgroup } from './cgroup.ts';
import { withFileLock } from './file-lock.ts';
import { layoutOf } from './host-layout.ts';
import { removeNetwork } from './network.ts';
import { releaseDisk } from './own-disk.ts';
import { labRoot, runCgroup } from './paths.ts';
import { assertPrefix, isLeftover, listRuns, readRun, runDirectory } from './run-record.ts';
import { listStrays } from './stray-runs.ts';

export function removeRun(prefix: string): void {
  assertPrefix(prefix);
  const record = readRun(prefix);
  if (record?.loopMb !== undefined) {
    for (const name of record.hosts) {
      const { cgroup, disk } = layoutOf(record, runDirectory(prefix), name);
      releaseDisk(cgroup, disk);
    }
  }
  removeCgroup(runCgroup(prefix));
  removeNetwork(prefix);
  // The mounts of a host end with its processes, so these folders are plain folders by now.
  if (record !== undefined) rmSync(record.disks, { recursive: true, force: true });
  rmSync(runDirectory(prefix), { recursive: true, force: true });
}

/**
 * Removes the runs whose owner no longer lives, and folders that belong to no run; returns the prefixes of the runs. Two
 * processes never do it at once.
 */
export function removeLeftovers(log: (line: string) => void): Promise<string[]> {
  return withFileLock(join(labRoot(), 'leftovers.lock'), async () => {
    const leftovers = listRuns().filter(isLeftover);
    for (const { prefix } of leftovers) {
      log(`removing run ${prefix}, whose owner is gone`);
      removeRun(prefix);
    }
    for (const path of listStrays()) {
      log(`removing ${path}, which belongs to no run`);
      rmSync(path, { recursive: true, force: true });
    }
    return leftovers.map(({ prefix }) => prefix);
  });
}
