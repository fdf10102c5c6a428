// The loop-mounted disk of a host, seen from outside: in the mount namespace nspawn runs in, where it is mounted.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pidsIn } from './cgroup.ts';
import { runSync } from './run.ts';

/** argv prefix for a command that sees the host's disk; undefined when the host is off. */
export function outsideArgv(cgroup: string): string[] | undefined {
  const [nspawn] = pidsIn(join(cgroup, 'supervisor'));
  return nspawn === undefined ? undefined : ['nsenter', '-t', String(nspawn), '-m', '--'];
}

/**
 * Makes a host's disk safe to lose its processes. A writer that hangs in a frozen file system cannot be killed, so the
 * host stops first, then its disk answers again, and nobody is left to make use of it. With `loseUnsynced` the file
 * system forgets what was not synced.
 */
export function releaseDisk(cgroup: string, disk: string, loseUnsynced = false): void {
  const outside = outsideArgv(cgroup);
  if (outside === undefined || !existsSync(cgroup)) return;
  writeFileSync(join(cgroup, 'cgroup.freeze'), '1');
  if (loseUnsynced) runSync([...outside, 'xfs_io', '-x', '-c', 'shutdown', disk]);
  runSync([...outside, 'fsfreeze', '--unfreeze', disk], { check: false });
}
