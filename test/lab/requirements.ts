// What the lab and the tests need of the outer machine: root on Linux, and Debian packages installed when missing.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { isDebianFamily, labRoot } from './paths.ts';
import { run } from './run.ts';

/** Programs, each with the Debian package that brings it. */
type Programs = ReadonlyMap<string, string>;

/** What the lab calls. */
const labPrograms: Programs = new Map([
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

/** What tests show hotpair in; a test is skipped, with the reason, where its program is missing. */
const testPrograms: Programs = new Map([
  ['chromium', 'chromium'],
  ['groff', 'groff'],
  ['zsh', 'zsh'],
  ['fish', 'fish'],
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

function missingOf(programs: Programs): string[] {
  return [...new Set([...programs].filter(([program]) => !onPath(program)).map(([, name]) => name))];
}

/** Refuses where the lab cannot run, installs what is missing, and says what it installs. */
export async function ensureRequirements(log: (line: string) => void): Promise<void> {
  const refusal = labRefusal();
  if (refusal !== undefined) throw new Error(`${refusal}.`);
  await install(labPrograms, 'the lab needs', log);
}

/** Installs what the tests show hotpair in; says so, and goes on, where that fails. */
export async function ensureTestPrograms(log: (line: string) => void): Promise<void> {
  try {
    await install(testPrograms, 'the tests show hotpair in', log);
  } catch (error) {
    const missing = missingOf(testPrograms).join(', ');
    log(`${missing} could not be installed, so their tests are skipped: ${(error as Error).message}`);
  }
}

async function install(programs: Programs, purpose: string, log: (line: string) => void): Promise<void> {
  if (missingOf(programs).length === 0) return;
  await withFileLock(join(labRoot(), 'requirements.lock'), async () => {
    const missing = missingOf(programs);
    if (missing.length === 0) return; // another run has installed them while this one waited
    log(`installing the Debian packages that ${purpose} on this machine: ${missing.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
    await run(['apt-get', 'update', '-q'], { env, timeoutMs: 300_000 });
    await run(['apt-get', 'install', ...options, ...missing], { env, timeoutMs: 600_000 });
  });
}
