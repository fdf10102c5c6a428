// Folders below `runs` that belong to no run: somebody wrote into one after its run was taken away, or died while making
// one. Only what no process has open, nothing is mounted in and nobody has touched for a while counts; whatever cannot be
// seen for certain stays.
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runCgroup, runsDirectory } from './paths.ts';
import { isPrefix, readRun } from './run-record.ts';

const QUIET_MS = 5 * 60_000;
/** `createRun` fills a folder of this name before it gets the name of the run. */
const NEW_RUN = /^\.new-([a-z][a-z0-9]{1,11})-[0-9]+$/;

/** Their paths. */
export function listStrays(now = Date.now()): string[] {
  if (!existsSync(runsDirectory())) return [];
  return readdirSync(runsDirectory()).flatMap((name) => {
    const path = join(runsDirectory(), name);
    const begun = NEW_RUN.exec(name)?.[1];
    const prefix = begun ?? name;
    const stray = begun !== undefined || (isPrefix(name) && readRun(name) === undefined);
    return stray && !isAlive(prefix) && isQuiet(path, now) && !isMounted(path) && !isOpen(path) ? [path] : [];
  });
}

/** Hosts of such a run still have their processes or their network. */
function isAlive(prefix: string): boolean {
  const networks = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  return existsSync(runCgroup(prefix)) || networks.some((name) => name.startsWith(`${prefix}-`));
}

/** A folder, and neither it nor anything in it has changed lately. */
function isQuiet(path: string, now: number): boolean {
  try {
    const isOld = (one: string): boolean => now - lstatSync(one).ctimeMs >= QUIET_MS;
    if (!lstatSync(path).isDirectory() || !isOld(path)) return false;
    return readdirSync(path, { recursive: true, encoding: 'utf8' }).every((name) => isOld(join(path, name)));
  } catch {
    return false; // It changes under our eyes.
  }
}

const isMounted = (path: string): boolean =>
  isBelow(path, readFileSync('/proc/self/mountinfo', 'utf8').split(/[\s]/));

/** A process has a file of it open, or lives in it. */
function isOpen(path: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .some((pid) => isBelow(path, linksOf(join('/proc', pid))));
}

function linksOf(process: string): string[] {
  const files = attempt(() => readdirSync(join(process, 'fd'))) ?? [];
  const links = ['cwd', 'root', 'exe', ...files.map((file) => join('fd', file))];
  return links.flatMap((link) => attempt(() => readlinkSync(join(process, link))) ?? []);
}

/** A process may end while it is looked at. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const isBelow = (path: string, others: readonly string[]): boolean =>
  others.some((one) => one === path || one.startsWith(`${path}/`));
