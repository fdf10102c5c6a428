// What the hosts' images are made of. A change of anything here changes the stamp, and the next run builds anew.
import { createHash } from 'node:crypto';

export type ImageName = 'bare' | 'golden';

/** The release every host of the lab runs. */
export const release = 'bookworm';

export const recipe = {
  /** Raise it when the way the images are built changes without a change of the lists below. */
  revision: 1,
  release,
  /** On top of minbase: what a bare Debian server has once someone can log in to it. */
  bare: [
    'systemd',
    'systemd-sysv',
    'dbus',
    'libpam-systemd',
    'openssh-server',
    'iproute2',
    'iputils-ping',
    'procps',
    'ca-certificates',
    'kmod',
    'less',
  ],
  /** In the hosts' only apt repository, with everything they depend on or recommend. */
  repository: [
    'mariadb-server',
    'mariadb-backup',
    'keepalived',
    'nftables',
    'arping',
    'socat',
    'rsync',
    'xfsprogs',
  ],
  /** Installed in the second layer of `golden`, its services stopped and not enabled. */
  golden: ['mariadb-server', 'mariadb-backup', 'keepalived', 'nftables', 'arping'],
  disabledInGolden: ['mariadb.service', 'keepalived.service', 'nftables.service'],
} as const;

/** Where the repository is seen inside a host. */
export const repositoryMount = '/var/lib/lab-repo';

export function recipeStamp(): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
}
