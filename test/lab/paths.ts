// Where the lab keeps things: images and run records outside the repository, and the machine's cgroup2 tree.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Root of everything the lab keeps between runs (`HOTPAIR_LAB_DIR`). */
export function labRoot(): string {
  const root = resolve(process.env['HOTPAIR_LAB_DIR'] ?? '/var/cache/hotpair-lab');
  // Mount options separate folders by colons and commas.
  if (/[:,\s\\]/.test(root))
    throw new Error(`HOTPAIR_LAB_DIR has a colon, comma, space or backslash in it: ${root}`);
  return root;
}

export function runsDirectory(): string {
  return join(labRoot(), 'runs');
}

export function imagesDirectory(): string {
  return join(labRoot(), 'images');
}

/** Where the cgroup2 tree is mounted: /sys/fs/cgroup on most machines, elsewhere where cgroup v1 still has that place. */
export function cgroup2Mount(mountInfo: string = readFileSync('/proc/self/mountinfo', 'utf8')): string {
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const mountPoint = before.split(' ')[4];
    if (after.startsWith('cgroup2 ') && mountPoint !== undefined) return mountPoint;
  }
  throw new Error(
    'no cgroup2 tree is mounted on this machine: mount one (mount -t cgroup2 none /sys/fs/cgroup)',
  );
}

export function runCgroup(prefix: string): string {
  return join(cgroup2Mount(), prefix);
}

export function hostCgroup(prefix: string, host: string): string {
  return join(runCgroup(prefix), host);
}

/** Holds the processes of an image build; the build's lock says whose. */
export function buildCgroup(): string {
  return join(cgroup2Mount(), 'hotpair-lab-build');
}

export function netnsName(prefix: string, name: string): string {
  return `${prefix}-${name}`;
}

export function netnsPath(prefix: string, name: string): string {
  return join('/run/netns', netnsName(prefix, name));
}

/** True when the machine's package tools are Debian's, which the images are built with. */
export function isDebianFamily(): boolean {
  return existsSync('/etc/debian_version');
}
