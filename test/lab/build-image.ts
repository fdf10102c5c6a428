// How an image is made: mmdebstrap for the base, a local apt repository of everything a deploy installs, and a second
// layer with those packages in place. Every mount lives in a namespace that ends with its command.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readMirror } from './apt-sources.ts';
import type { ImageOptions } from './images.ts';
import { type LaunchPlan, launchArgv } from './launch.ts';
import { buildCgroup } from './paths.ts';
import { recipe, repositoryMount } from './recipe.ts';
import { run } from './run.ts';

const buildTimeoutMs = 900_000;
const hostSources = `deb [trusted=yes] file:${repositoryMount} ./\n`;

/** Builds `folder`/bare (a root tree) and `folder`/repo (a flat apt repository). */
export async function buildBare(folder: string, options: ImageOptions): Promise<void> {
  const root = join(folder, 'bare');
  const repository = join(folder, 'repo');
  const mirror = readMirror(recipe.release);
  const acquire = await acquireOptions();
  options.log(`building the hosts' image, a bare Debian ${recipe.release} (20 to 40 s)`);
  const argv = [
    'mmdebstrap',
    '--quiet',
    '--mode=root',
    '--variant=minbase',
    `--include=${recipe.bare.join(',')}`,
  ];
  argv.push('--dpkgopt=force-unsafe-io', ...acquire.map((line) => `--aptopt=${line}`));
  await inBuildGroup({ folders: [], prepare: [], exec: [...argv, recipe.release, root, ...mirror] }, options);
  options.log("downloading MariaDB, keepalived and more for the hosts' own apt repository (about 10 s)");
  await downloadPackages(folder, root, repository, options);
  await indexRepository(repository, options);
  await tidyRoot(root, repository, options);
}

/** Builds the layer with the pair's packages installed on top of `base`, as the folder `layer`. */
export async function buildGolden(
  base: { readonly root: string; readonly repository: string },
  layer: string,
  options: ImageOptions,
): Promise<void> {
  options.log("installing the pair's packages into an image of their own, golden (15 to 30 s)");
  const policy = join(layer, 'usr/sbin/policy-rc.d');
  mkdirSync(join(layer, 'usr/sbin'), { recursive: true });
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 }); // Debian's way to say: start no service here
  const inside = (argv: readonly string[]): Promise<unknown> =>
    inLayer({ lower: base.root, upper: layer, binds: [[base.repository, repositoryMount]], argv, options });
  await inside([
    'apt-get',
    'install',
    '-q',
    '-y',
    '-o',
    'Dpkg::Options::=--force-unsafe-io',
    ...recipe.golden,
  ]);
  await inside(['systemctl', 'disable', ...recipe.disabledInGolden]);
  rmSync(policy);
}

/** The machine's own settings for fetching (proxies, checks of dates), so that an image is fetched the same way. */
async function acquireOptions(): Promise<string[]> {
  const { stdout } = await run(['apt-config', 'dump']);
  return stdout
    .split('\n')
    .filter((line) =>
      /^Acquire::(Check-Valid-Until|Check-Date|Retries|\S*Proxy\S*|https?::(Verify|Ca)\S*) /i.test(line),
    )
    .filter((line) => !line.endsWith(' "";'));
}

async function downloadPackages(
  folder: string,
  root: string,
  repository: string,
  options: ImageOptions,
): Promise<void> {
  const scratch = join(folder, 'scratch');
  mkdirSync(join(scratch, 'etc'), { recursive: true });
  mkdirSync(join(repository, 'partial'), { recursive: true });
  copyFileSync('/etc/resolv.conf', join(scratch, 'etc/resolv.conf'));
  const inside = (argv: readonly string[]): Promise<unknown> =>
    inLayer({ lower: root, upper: scratch, binds: [[repository, '/mnt']], argv, options });
  await inside(['apt-get', 'update', '-q']);
  const cache = ['-o', 'Dir::Cache::archives=/mnt', '-o', 'APT::Sandbox::User=root'];
  await inside(['apt-get', 'install', '-q', '-y', '--download-only', ...cache, ...recipe.repository]);
  for (const name of readdirSync(repository)) {
    if (!name.endsWith('.deb')) rmSync(join(repository, name), { recursive: true });
  }
  rmSync(scratch, { recursive: true });
}

async function indexRepository(repository: string, options: ImageOptions): Promise<void> {
  const common = { cwd: repository, ...signalOf(options) };
  const packages = await run(['dpkg-scanpackages', '--multiversion', '.'], common);
  writeFileSync(join(repository, 'Packages'), packages.stdout);
  const index = await run(['apt-ftparchive', 'release', '.'], common);
  writeFileSync(join(repository, 'Release'), index.stdout);
}

/** Leaves nothing in the tree that two hosts must not share, and the local repository as the only apt source. */
async function tidyRoot(root: string, repository: string, options: ImageOptions): Promise<void> {
  for (const name of readdirSync(join(root, 'etc/ssh'))) {
    if (name.startsWith('ssh_host_')) rmSync(join(root, 'etc/ssh', name));
  }
  for (const path of [
    'etc/hostname',
    'etc/resolv.conf',
    'var/lib/dbus/machine-id',
    'etc/apt/apt.conf.d/99mmdebstrap',
  ]) {
    rmSync(join(root, path), { force: true });
  }
  writeFileSync(join(root, 'etc/machine-id'), '');
  const lists = join(root, 'var/lib/apt/lists');
  for (const name of existsSync(lists) ? readdirSync(lists) : [])
    rmSync(join(lists, name), { recursive: true });
  rmSync(join(root, 'etc/apt/sources.list.d'), { recursive: true, force: true });
  mkdirSync(join(root, 'etc/apt/sources.list.d'));
  writeFileSync(join(root, 'etc/apt/sources.list'), hostSources);
  appendFileSync(join(root, 'etc/apt/apt.conf.d/90lab'), 'Acquire::Languages "none";\n');
  mkdirSync(join(root, repositoryMount), { recursive: true });
  const prepare = [['mount', '--bind', repository, join(root, repositoryMount)]];
  const exec = ['chroot', root, 'apt-get', 'update', '-q'];
  await inBuildGroup({ folders: [], prepare, exec }, options);
}

interface LayerCommand {
  readonly lower: string;
  readonly upper: string;
  readonly binds: readonly (readonly [from: string, to: string])[];
  readonly argv: readonly string[];
  readonly options: ImageOptions;
}

/** Runs argv chrooted in `lower` with every change landing in `upper`. */
async function inLayer({ lower, upper, binds, argv, options }: LayerCommand): Promise<void> {
  const root = `${upper}.root`;
  const work = `${upper}.work`;
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const prepare = [
    ['mount', '-t', 'overlay', 'overlay', '-o', layers, root],
    ['mount', '-t', 'proc', 'proc', join(root, 'proc')],
    ['mount', '--bind', '/dev', join(root, 'dev')],
    ...binds.map(([from, to]) => ['mount', '--bind', from, join(root, to)]),
  ];
  try {
    await inBuildGroup({ folders: [root, work, upper], prepare, exec: ['chroot', root, ...argv] }, options);
  } finally {
    rmSync(root, { recursive: true, force: true });
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Runs one command of a build in a cgroup and a mount namespace of the build: what a killed build leaves running can
 * be ended by the next one, and none of its mounts is ever in the way of removing its folders.
 */
async function inBuildGroup(plan: LaunchPlan, options: ImageOptions): Promise<void> {
  const proxies = Object.entries(process.env).filter(([name]) => /_proxy$/i.test(name)) as [string, string][];
  const env = { DEBIAN_FRONTEND: 'noninteractive', ...Object.fromEntries(proxies) };
  const argv = launchArgv({ ...plan, cgroup: buildCgroup(), env });
  await run(argv, { timeoutMs: buildTimeoutMs, ...signalOf(options) });
}

function signalOf({ signal }: ImageOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
