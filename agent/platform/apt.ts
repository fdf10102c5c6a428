/** Debian's package manager: argument lists and parsers. Pure. Sources: dpkg-query(1), apt-get(8), apt.conf(5). */

import type { CommandLine, PackageManager, PackageState } from './platform.ts';

/** Read by hotpair's policy-rc.d: services are not started while packages are installed. */
export const HOLD_SERVICES = 'HOTPAIR_HOLD_SERVICES';

const ENVIRONMENT: Readonly<Record<string, string>> = {
  DEBIAN_FRONTEND: 'noninteractive',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
  APT_LISTCHANGES_FRONTEND: 'none',
  NEEDRESTART_MODE: 'l',
  [HOLD_SERVICES]: '1',
};

export const apt: PackageManager = {
  name: 'apt',
  queryArgv: (names) => [
    'dpkg-query',
    '--show',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg-query's own.
    '--showformat=${Package}\\t${db:Status-Status}\\t${Version}\\n',
    ...names,
  ],
  parseQuery: parseDpkgQuery,
  candidatesArgv: (names) => ['apt-cache', 'policy', ...names],
  parseCandidates: parseAptPolicy,
  refresh: () => aptGet(['-o', 'Acquire::Languages=none', 'update']),
  install: (names, lockTimeoutMs) =>
    aptGet([
      '--yes',
      '--no-install-recommends',
      '-o',
      'Dpkg::Options::=--force-confdef',
      '-o',
      'Dpkg::Options::=--force-confold',
      '-o',
      `DPkg::Lock::Timeout=${Math.max(1, Math.ceil(lockTimeoutMs / 1000))}`,
      'install',
      ...names,
    ]),
  repair: () => ({
    argv: ['dpkg', '--configure', '-a', '--force-confdef', '--force-confold'],
    env: ENVIRONMENT,
  }),
  interruptedArgv: () => ['dpkg', '--audit'],
  parseInterrupted: (output) => output.trim() !== '',
  lockFiles: [
    '/var/lib/dpkg/lock-frontend',
    '/var/lib/dpkg/lock',
    '/var/lib/apt/lists/lock',
    '/var/cache/apt/archives/lock',
  ],
  isLockFailure: (output) =>
    /Could not get lock|Unable to (acquire|lock)|is another process using it/.test(output),
};

function aptGet(args: readonly string[]): CommandLine {
  return { argv: ['apt-get', '--quiet=2', '-o', 'Dpkg::Use-Pty=0', ...args], env: ENVIRONMENT };
}

/** "name<TAB>installed<TAB>1:2.3-4"; a name of several architectures is there when one of them is. */
export function parseDpkgQuery(output: string): ReadonlyMap<string, PackageState> {
  const packages = new Map<string, PackageState>();
  for (const line of output.split('\n')) {
    const [name, status, version] = line.split('\t');
    if (name === undefined || status === undefined || version === undefined || version === '') continue;
    if (status === 'not-installed' || status === 'config-files') continue;
    packages.set(name, { version, complete: status === 'installed' });
  }
  return packages;
}

/** The candidates by name in the output of `apt-cache policy`. */
export function parseAptPolicy(output: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let name = '';
  for (const line of output.split('\n')) {
    if (/^\S+:$/.test(line)) name = line.slice(0, -1);
    const candidate = /^ {2}Candidate: (.+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== '(none)') found.set(name, candidate);
  }
  return found;
}
