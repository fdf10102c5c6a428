// The files of one host on the outer machine, and the plan that starts it (systemd-nspawn on an overlay). Pure.
import { join } from 'node:path';
import type { LaunchPlan } from './launch.ts';
import { hostCgroup, netnsPath } from './paths.ts';
import { repositoryMount } from './recipe.ts';
import type { RunRecord } from './run-record.ts';

export interface HostLayout {
  /** Read-only layer with what is this host's own: its name, machine id and keys. */
  readonly seed: string;
  /** Holds upper and work; a mount point of the host's own namespace when the disk is loop-mounted. */
  readonly disk: string;
  readonly image: string;
  readonly root: string;
  readonly console: string;
  readonly cgroup: string;
}

export function layoutOf(record: RunRecord, directory: string, name: string): HostLayout {
  return {
    seed: join(directory, `${name}.seed`),
    disk: join(record.disks, name),
    image: join(record.disks, `${name}.img`),
    root: join(directory, `${name}.root`),
    console: join(directory, `${name}.console`),
    cgroup: hostCgroup(record.prefix, name),
  };
}

/**
 * Why each line is there: the pure cgroup2 mount, because systemd refuses a mixed tree; a tmpfs on /run/systemd/nspawn,
 * because nspawn needs a place for its locks on machines without systemd; API_VFS_WRITABLE=network for `sysctl net.*`;
 * --keep-unit and --register=no, because there may be no systemd outside to register with.
 */
export function bootPlan(record: RunRecord, layout: HostLayout, name: string): LaunchPlan {
  const [upper, work] = [join(layout.disk, 'upper'), join(layout.disk, 'work')];
  const lower = [layout.seed, ...record.layers].join(':');
  const disk = record.loopMb === undefined ? [] : [['mount', '-o', 'loop', layout.image, layout.disk]];
  return {
    cgroup: layout.cgroup,
    folders: [layout.disk, layout.root, '/run/systemd/nspawn'],
    prepare: [
      ['umount', '-R', '/sys/fs/cgroup'],
      ['mount', '-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup'],
      ['mount', '-t', 'tmpfs', 'tmpfs', '/run/systemd/nspawn'],
      ...disk,
      ['mkdir', '-p', upper, work],
      [
        'mount',
        '-t',
        'overlay',
        'overlay',
        '-o',
        `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
        layout.root,
      ],
    ],
    exec: [
      'systemd-nspawn',
      '--quiet',
      '--register=no',
      '--keep-unit',
      '--boot',
      `--machine=${name}`,
      `--directory=${layout.root}`,
      `--network-namespace-path=${netnsPath(record.prefix, name)}`,
      '--capability=CAP_NET_ADMIN,CAP_NET_RAW',
      '--resolv-conf=off',
      '--timezone=off',
      '--link-journal=no',
      '--console=pipe',
      `--bind-ro=${record.repository}:${repositoryMount}`,
    ],
    env: { SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' },
  };
}
