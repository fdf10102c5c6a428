// The record of one run of the lab, kept outside the repository so that a later process can find the run (`lab up`),
// or can tell that its owner died and clean up after it.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runsDirectory } from './paths.ts';
import type { ImageName } from './recipe.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's boot to the process's start: tells a reused pid apart. */
  readonly startTicks: string;
}

export interface RunRecord {
  readonly prefix: string;
  /** The run ends with this process; absent when it lives until `lab down`. */
  readonly owner?: ProcessIdentity;
  /** The machine's boot the run belongs to: nothing of it survives the next one but folders. */
  readonly bootId: string;
  readonly image: ImageName;
  readonly layers: readonly string[];
  readonly repository: string;
  readonly hosts: readonly string[];
  /** Folder of the hosts' disks. */
  readonly disks: string;
  /** Size of each host's own loop-mounted disk; absent when disks are folders. */
  readonly loopMb?: number;
  readonly createdAt: string;
}

const prefixPattern = /^[a-z][a-z0-9]{1,11}$/;

export const isPrefix = (name: string): boolean => prefixPattern.test(name);

export function assertPrefix(prefix: string): void {
  if (isPrefix(prefix)) return;
  throw new Error(
    `lab prefix ${JSON.stringify(prefix)} must be 2 to 12 lower-case letters and digits, a letter first`,
  );
}

/** `hp` and four random characters. */
export function randomPrefix(): string {
  return `hp${Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0')}`;
}

export function runDirectory(prefix: string): string {
  return join(runsDirectory(), prefix);
}

/** Claims the prefix by putting the record in place whole; fails when another run has it. */
export function createRun(record: RunRecord): string {
  const directory = runDirectory(record.prefix);
  const temporary = join(runsDirectory(), `.new-${record.prefix}-${process.pid}`);
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  writeFileSync(join(temporary, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  try {
    renameSync(temporary, directory);
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true });
    throw new Error(`a lab run with the prefix ${record.prefix} exists already: end it with \`lab down\``, {
      cause,
    });
  }
  return directory;
}

export function readRun(prefix: string): RunRecord | undefined {
  const path = join(runDirectory(prefix), 'run.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunRecord) : undefined;
}

export function listRuns(): RunRecord[] {
  if (!existsSync(runsDirectory())) return [];
  return readdirSync(runsDirectory())
    .filter(isPrefix)
    .map((name) => readRun(name))
    .filter((record) => record !== undefined);
}

export function currentBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', startTicks = ''] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' ? undefined : { pid, startTicks };
  } catch {
    return undefined;
  }
}

/** A run nobody will end: its owner is gone, or the machine has booted since. */
export function isLeftover(record: RunRecord): boolean {
  if (record.bootId !== currentBootId()) return true;
  return record.owner !== undefined && identityOf(record.owner.pid)?.startTicks !== record.owner.startTicks;
}
