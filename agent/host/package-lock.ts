/** Waits until nobody else holds the package manager's locks, naming who does. */

import { stat } from 'node:fs/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { lockHolders } from '../parse/proc-locks.ts';
import { readTextOrNull } from './files.ts';
import type { Host } from './host.ts';

export interface LockHolder {
  readonly pid: number;
  readonly program: string;
  readonly file: string;
}

/** Throws PACKAGE_LOCKED, naming the holder, when the time is over. */
export async function awaitPackageLock(host: Host, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  let told = 0;
  await waitFor(
    'the package manager lock',
    async () => {
      const holder = await findLockHolder(host.platform.packages.lockFiles);
      if (holder === null) return true;
      if (performance.now() >= end) throw packageLocked(holder, timeoutMs);
      if (performance.now() - told > 2000 || told === 0) {
        told = performance.now();
        host.progress(`waiting for ${holder.program} (process ${holder.pid}), which holds ${holder.file}`);
      }
      return undefined;
    },
    { deadlineMs: timeoutMs + 5000, intervalMs: 200, signal: host.signal },
  );
}

export async function findLockHolder(files: readonly string[]): Promise<LockHolder | null> {
  const locks = (await readTextOrNull('/proc/locks')) ?? '';
  for (const file of files) {
    const inode = await stat(file).then(
      (stats) => stats.ino,
      () => null,
    );
    const [pid] = inode === null ? [] : lockHolders(locks, inode);
    if (pid === undefined) continue;
    const program = ((await readTextOrNull(`/proc/${pid}/comm`)) ?? 'another program').trim();
    return { pid, program, file };
  }
  return null;
}

export function packageLocked(holder: LockHolder | null, timeoutMs: number): AppError {
  const who = holder === null ? 'Another program' : `${holder.program} (process ${holder.pid})`;
  const what = holder === null ? "the package manager's lock" : holder.file;
  return new AppError(
    'PACKAGE_LOCKED',
    `${who} holds ${what} for over ${timeoutMs} ms; wait until it is done, then run the command again.`,
    { data: { ...holder } },
  );
}
