/** What a host is and has, database or not: read from the files of the system, without programs where that is possible. */

import { access, readlink, statfs } from 'node:fs/promises';
import { arch, cpus, hostname, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { HostFacts } from '../../shared/model/facts.ts';
import { parseListening } from '../parse/proc-net.ts';
import { parseOsRelease } from '../platform/os-release.ts';
import { readAddresses } from './addresses.ts';
import { readTextOrNull } from './files.ts';
import type { Host } from './host.ts';
import { readUserDatabases } from './user-databases.ts';

/** The first question after the lists have changed makes an index of them. */
const CANDIDATES_MS = 8000;

export interface HostQuestions {
  readonly packages?: readonly string[] | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly disks?: readonly string[] | undefined;
}

export async function readHostFacts(host: Host, questions: HostQuestions): Promise<HostFacts> {
  const [addresses, packages, paths, disks, listening, userDatabases, initSystem, os] = await Promise.all([
    readAddresses(host.signal),
    readPackages(host, questions.packages ?? []),
    readPaths(questions.paths ?? []),
    Promise.all((questions.disks ?? ['/']).map(readDisk)),
    readListening(),
    readUserDatabases(host.sql).catch(() => null),
    readInitSystem(),
    readTextOrNull('/etc/os-release'),
  ]);
  const { id, versionId, prettyName } = parseOsRelease(os ?? '');
  return {
    hostname: hostname(),
    uid: process.getuid?.() ?? -1,
    os: { id, versionId, prettyName },
    architecture: arch(),
    kernel: release(),
    initSystem,
    time: Date.now(),
    addresses,
    disks,
    memoryBytes: totalmem(),
    cpus: cpus().length,
    listening,
    packages,
    candidates: await readCandidates(host, packages),
    paths,
    userDatabases: userDatabases === null ? null : [...userDatabases],
  };
}

async function readPackages(host: Host, names: readonly string[]): Promise<Record<string, string | null>> {
  if (names.length === 0) return {};
  const manager = host.platform.packages;
  const answer = await host.run(manager.queryArgv(names), { timeoutMs: 10_000, check: false });
  const known = manager.parseQuery(answer.stdout);
  return Object.fromEntries(names.map((name) => [name, known.get(name)?.version ?? null]));
}

/** Asked only for what is missing: on a host with everything no program is started. */
async function readCandidates(
  host: Host,
  packages: Readonly<Record<string, string | null>>,
): Promise<Record<string, string | null>> {
  const missing = Object.keys(packages).filter((name) => packages[name] === null);
  if (missing.length === 0) return {};
  const manager = host.platform.packages;
  const answer = await host
    .run(manager.candidatesArgv(missing), { timeoutMs: CANDIDATES_MS, check: false })
    .catch(() => null);
  const known = manager.parseCandidates(answer?.stdout ?? '');
  return Object.fromEntries(missing.map((name) => [name, known.get(name) ?? null]));
}

async function readPaths(paths: readonly string[]): Promise<Record<string, boolean>> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return Object.fromEntries(paths.map((path, index) => [path, found[index] ?? false]));
}

/** Of a path that is not there yet: the disk it would be on. */
export async function readDisk(
  path: string,
): Promise<{ path: string; freeBytes: number; totalBytes: number }> {
  for (let place = path; ; place = dirname(place)) {
    try {
      const { bavail, blocks, bsize } = await statfs(place);
      return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    } catch (error) {
      if (place === '/') throw error;
    }
  }
}

async function readListening(): Promise<number[]> {
  const texts = await Promise.all([readTextOrNull('/proc/net/tcp'), readTextOrNull('/proc/net/tcp6')]);
  return [...new Set(texts.flatMap((text) => parseListening(text ?? '')))].sort((a, b) => a - b);
}

/** sd_booted(3) looks at the same folder. */
async function readInitSystem(): Promise<string> {
  const systemd = await access('/run/systemd/system').then(
    () => true,
    () => false,
  );
  if (systemd) return 'systemd';
  return await readlink('/proc/1/exe').catch(() => 'unknown');
}
