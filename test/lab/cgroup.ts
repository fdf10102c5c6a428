// A host's processes are exactly those of its cgroup. Answers for finding its leader and for ending all of it.
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pids in a cgroup and everything below it, as the outer machine counts them. */
export function pidsIn(cgroup: string): number[] {
  if (!existsSync(cgroup)) return [];
  const below = readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [
    ...readPids(join(cgroup, 'cgroup.procs')),
    ...below.flatMap(({ name }) => pidsIn(join(cgroup, name))),
  ];
}

/** The process that is pid 1 inside the host, once its systemd has started. */
export function leaderOf(cgroup: string): number | undefined {
  return readPids(join(cgroup, 'payload/init.scope/cgroup.procs')).find((pid) => innermostPid(pid) === 1);
}

/** The pid a process has in its own pid namespace. */
export function innermostPid(pid: number): number | undefined {
  const line = /^NSpid:\s*(.*)$/m.exec(readQuietly(`/proc/${pid}/status`))?.[1];
  const last = line?.split(/\s+/).at(-1);
  return last === undefined ? undefined : Number(last);
}

/** Kills everything in the cgroup at once (SIGKILL by the kernel) and removes it. Blocking, some milliseconds. */
export function removeCgroup(cgroup: string, timeoutMs = 10_000): void {
  if (!existsSync(cgroup)) return;
  const deadline = performance.now() + timeoutMs;
  writeFileSync(join(cgroup, 'cgroup.kill'), '1');
  while (isPopulated(cgroup)) {
    if (performance.now() > deadline) {
      throw new Error(
        `processes ${pidsIn(cgroup).join(' ')} of ${cgroup} are still there ${timeoutMs} ms after a kill`,
      );
    }
    sleepSync(2);
  }
  removeTree(cgroup);
}

function removeTree(cgroup: string): void {
  for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(cgroup, entry.name));
  }
  rmdirSync(cgroup);
}

export function isPopulated(cgroup: string): boolean {
  return readQuietly(join(cgroup, 'cgroup.events')).includes('populated 1');
}

export function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function readPids(path: string): number[] {
  return readQuietly(path)
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Text of a file that may vanish at any moment; '' when it has. */
function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
