/**
 * The server as a process of this host: found through the control group of its unit, or the pid file that it names
 * itself; known again by pid and time of start. Small reads of /proc and /sys, synchronous, because a death is to be
 * told in the moment in which it is heard.
 */

import { readRunFile } from '../run-file.ts';

export interface ServerProcess {
  readonly pid: number;
  /** In clock ticks since boot: a pid that is used again has another. */
  readonly startedAt: string;
}

const SERVER_NAME = /^(mariadbd|mysqld)$/;
const UNIT_FOLDERS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'] as const;

/** undefined: no server runs in the unit, and none under the pid of the file. */
export function findServer(unit: string, pidFile?: string): ServerProcess | undefined {
  const named = Number(pidFile === undefined ? 0 : readRunFile(pidFile)?.trim());
  const pids = [...unitPids(unit), ...(named > 1 ? [named] : [])];
  return pids.flatMap((pid) => readServer(pid) ?? [])[0];
}

/** Every process of the unit, those that prepare the start included. */
export function unitPids(unit: string): readonly number[] {
  for (const folder of UNIT_FOLDERS) {
    const text = readRunFile(`${folder}/system.slice/${unit}/cgroup.procs`);
    if (text !== undefined)
      return text
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 1);
  }
  return [];
}

export function isAlive({ pid, startedAt }: ServerProcess): boolean {
  return readServer(pid)?.startedAt === startedAt;
}

/** The parent has not taken note of its end yet: systemd would answer a start with "runs already". */
export function isListed({ pid, startedAt }: ServerProcess): boolean {
  return parseStat(readRunFile(`/proc/${pid}/stat`) ?? '')?.startedAt === startedAt;
}

function readServer(pid: number): ServerProcess | undefined {
  const stat = parseStat(readRunFile(`/proc/${pid}/stat`) ?? '');
  if (stat === undefined || !SERVER_NAME.test(stat.name) || stat.ended) return undefined;
  return { pid, startedAt: stat.startedAt };
}

export interface ProcessStat {
  readonly name: string;
  /** Only its entry in the table of processes is left. */
  readonly ended: boolean;
  readonly startedAt: string;
}

/** proc_pid_stat(5): the name is in parentheses and may contain some; state is field 3, time of start is field 22. */
export function parseStat(text: string): ProcessStat | undefined {
  const match = /^\d+ \((.*)\) (\S)((?: \S+)*)/s.exec(text);
  const startedAt = match?.[3]?.trim().split(' ')[18];
  if (match === null || startedAt === undefined) return undefined;
  return { name: match[1] ?? '', ended: match[2] === 'Z' || match[2] === 'X', startedAt };
}
