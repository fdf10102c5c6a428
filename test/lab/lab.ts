// A lab is a few real hosts on a switch of their own, each with its own systemd, disk and address, and two stations
// to reach them from. Everything carries the run's prefix and goes away with the run.

import { randomBytes } from 'node:crypto';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostAddress, stations, subnet, vip } from './addresses.ts';
import { forgetAtExit, removeAtExit } from './exit-hooks.ts';
import { createFaults, type LabFaults } from './faults.ts';
import { type LabHost, NspawnHost } from './host.ts';
import { layoutOf } from './host-layout.ts';
import { ensureImages } from './images.ts';
import { attach, createSwitch, netnsArgv } from './network.ts';
import type { ImageName } from './recipe.ts';
import { removeLeftovers, removeRun } from './remove-run.ts';
import { ensureRequirements } from './requirements.ts';
import { run } from './run.ts';
import {
  assertPrefix,
  createRun,
  currentBootId,
  identityOf,
  type RunRecord,
  randomPrefix,
  readRun,
  runDirectory,
} from './run-record.ts';
import { createSshAccess, seedSsh, sshConfigPath } from './ssh-access.ts';

export type { LabFaults } from './faults.ts';
export type { ExecOptions, LabHost } from './host.ts';

/** Where a host's disk is: in memory, in a folder, or on a file system of its own with so many MB. */
export type LabDisk = 'memory' | 'folder' | { readonly loopMb: number };

export interface LabOptions {
  /** Names everything of this run; default `hp` and four random characters. */
  readonly prefix?: string;
  /** `bare`: a fresh Debian; `golden`: MariaDB and keepalived installed, not started. Default `bare`. */
  readonly image?: ImageName;
  /** Default db1 and db2. */
  readonly hosts?: readonly string[];
  /** Default: memory where the machine has enough of it, else a folder. */
  readonly disk?: LabDisk;
  /** Boot the hosts at once (default true). */
  readonly boot?: boolean;
  /** The run outlives this process (default false). */
  readonly keep?: boolean;
  readonly log?: (line: string) => void;
  /** Ends the run, also while it starts. */
  readonly signal?: AbortSignal;
}

export interface Lab extends AsyncDisposable {
  readonly prefix: string;
  readonly subnet: typeof subnet;
  readonly vip: typeof vip;
  /** This run's own folder (keys, consoles); removed on close. */
  readonly directory: string;
  readonly hosts: ReadonlyMap<string, LabHost>;
  host(name: string): LabHost;
  /** argv prefix for the operator's namespace (10.88.0.1): where the coordinator runs. */
  readonly operatorArgv: readonly string[];
  /** argv prefix for a second namespace (10.88.0.2), so that a cut can part clients from the coordinator. */
  readonly clientArgv: readonly string[];
  /** ssh_config with the run's key and known_hosts: `ssh -F FILE root@10.88.0.11` works inside operatorArgv. */
  readonly sshConfig: string;
  readonly faults: LabFaults;
  /** Ends every fault; hosts that are off stay off. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a run and resolves once its hosts are up; whatever fails on the way, nothing is left behind. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const log = options.log ?? (() => {});
  const prefix = options.prefix ?? randomPrefix();
  assertPrefix(prefix);
  await ensureRequirements(log);
  await removeLeftovers(log);
  const image = options.image ?? 'bare';
  const images = await ensureImages(image, {
    log,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  options.signal?.throwIfAborted();
  const owner = options.keep === true ? undefined : identityOf(process.pid);
  const loopMb = typeof options.disk === 'object' ? options.disk.loopMb : undefined;
  const record: RunRecord = {
    prefix,
    ...(owner === undefined ? {} : { owner }),
    bootId: currentBootId(),
    image,
    ...images,
    hosts: options.hosts ?? ['db1', 'db2'],
    disks: disksOf(prefix, options.disk ?? 'memory'),
    ...(loopMb === undefined ? {} : { loopMb }),
    createdAt: new Date().toISOString(),
  };
  createRun(record);
  removeAtExit(prefix);
  try {
    await furnish(record);
    const lab = makeLab(record, log);
    options.signal?.addEventListener('abort', () => void lab.close(), { once: true });
    if (options.boot !== false) await Promise.all([...lab.hosts.values()].map((host) => host.boot()));
    options.signal?.throwIfAborted();
    if (options.keep === true) forgetAtExit(prefix);
    return lab;
  } catch (error) {
    removeRun(prefix);
    forgetAtExit(prefix);
    throw error;
  }
}

/** The lab of a run that another process started (`lab up`). */
export function openLab(prefix: string, log: (line: string) => void = () => {}): Lab {
  const record = readRun(prefix);
  if (record === undefined) throw new Error(`there is no lab run ${prefix}: start one with \`lab up\``);
  return makeLab(record, log);
}

// Measured on 2 cores, ext4 below: two hosts installing MariaDB at once 10.0 s in memory, 11.2 s in a folder; 500
// autocommit inserts 48 ms and 110 ms; boot the same. A power loss keeps what was written in either.
const memoryDisks = '/dev/shm';
const memoryNeeded = 4 * 1024 ** 3;

function disksOf(prefix: string, disk: LabDisk): string {
  const folder = join(runDirectory(prefix), 'disks');
  if (disk === 'folder') return folder;
  const shm = statfsSync(memoryDisks);
  return shm.bavail * shm.bsize >= memoryNeeded ? join(memoryDisks, `hotpair-lab-${prefix}`) : folder;
}

/** Makes the run's switch, stations, keys and the hosts' seed layers. */
async function furnish(record: RunRecord): Promise<void> {
  const directory = runDirectory(record.prefix);
  mkdirSync(record.disks, { recursive: true });
  await createSwitch(record.prefix);
  for (const [name, address] of Object.entries(stations)) await attach(record.prefix, name, address);
  const addresses = new Map(record.hosts.map((name, index) => [name, hostAddress(index)]));
  const publicKey = await createSshAccess(directory, addresses);
  const names = [...addresses].map(([name, address]) => `${address} ${name}\n`).join('');
  for (const name of record.hosts) {
    const { seed, image } = layoutOf(record, directory, name);
    await seedSsh(seed, publicKey);
    writeFileSync(join(seed, 'etc/hostname'), `${name}\n`);
    writeFileSync(join(seed, 'etc/hosts'), `127.0.0.1 localhost\n::1 localhost\n${names}`);
    writeFileSync(join(seed, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
    if (record.loopMb === undefined) continue;
    await run(['truncate', `--size=${record.loopMb}M`, image]);
    await run(['mkfs.ext4', '-q', '-m', '0', image]);
  }
}

function makeLab(record: RunRecord, log: (line: string) => void): Lab {
  const { prefix } = record;
  const directory = runDirectory(prefix);
  const hosts = new Map(
    record.hosts.map((name, index) => {
      const place = { record, directory, name, address: hostAddress(index), log };
      return [name, new NspawnHost(place)] as const;
    }),
  );
  const faults = createFaults(prefix, hosts);
  const close = async (): Promise<void> => {
    removeRun(prefix);
    forgetAtExit(prefix);
  };
  return {
    prefix,
    subnet,
    vip,
    directory,
    hosts,
    host(name) {
      const host = hosts.get(name);
      if (host === undefined)
        throw new Error(`the lab has no host ${name}: it has ${[...hosts.keys()].join(', ')}`);
      return host;
    },
    operatorArgv: netnsArgv(prefix, 'operator'),
    clientArgv: netnsArgv(prefix, 'client'),
    sshConfig: sshConfigPath(directory),
    faults,
    heal: () => faults.healAll(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
