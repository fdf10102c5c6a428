// What the lab needs of the outer machine: root on Linux, and a handful of Debian packages it installs when missing.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { isDebianFamily, labRoot } from './paths.ts';
import { run } from './run.ts';

/** A program the lab calls, and the Debian package that brings it. */
const programs: ReadonlyMap<string, string> = new Map([
  ['systemd-nspawn', 'systemd-container'],
  ['mmdebstrap', 'mmdebstrap'],
  ['nft', 'nftables'],
  ['dpkg-scanpackages', 'dpkg-dev'],
  ['apt-ftparchive', 'apt-utils'],
  ['arping', 'arping'],
  ['ping', 'iputils-ping'],
  ['mkfs.xfs', 'xfsprogs'],
  ['xfs_io', 'xfsprogs'],
  ['mkfs.ext4', 'e2fsprogs'],
  ['ip', 'iproute2'],
  ['ssh', 'openssh-client'],
  ['flock', 'util-linux'],
]);

/** Why this machine cannot run the lab, in one sentence; undefined when it can. */
export function labRefusal(): string | undefined {
  if (process.platform !== 'linux') return 'the lab boots real Linux hosts and needs Linux';
  if (process.getuid?.() !== 0) return 'the lab makes namespaces and mounts and needs root';
  if (!isDebianFamily()) return 'the lab builds its hosts with apt and needs a Debian machine';
  return undefined;
}

function onPath(program: string): boolean {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`;
  return path.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}

export function missingPackages(): string[] {
  return [...new Set([...programs].filter(([program]) => !onPath(program)).map(([, name]) => name))];
}

/** Refuses where the lab cannot run, installs what is missing, and says what it installs. */
export async function ensureRequirements(log: (line: string) => void): Promise<void> {
  const refusal = labRefusal();
  if (refusal !== undefined) throw new Error(`${refusal}.`);
  if (missingPackages().length === 0) return;
  await withFileLock(join(labRoot(), 'requirements.lock'), () => installMissing(log));
}

async function installMissing(log: (line: string) => void): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return; // another run has installed them while this one waited
  log(`installing the Debian packages that the lab needs on this machine: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  await run(['apt-get', 'update', '-q'], { env, timeoutMs: 300_000 });
  await run(['apt-get', ...install, ...missing], { env, timeoutMs: 600_000 });
}
