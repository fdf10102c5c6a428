// What runs there are on this machine and how their hosts are.
import { openLab } from './lab.ts';
import { isLeftover, listRuns } from './run-record.ts';

export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly running: boolean;
}

export interface RunStatus {
  readonly prefix: string;
  readonly image: string;
  readonly createdAt: string;
  /** Pid of the process the run ends with; absent: it lives until `lab down`. */
  readonly ownerPid?: number;
  readonly leftover: boolean;
  readonly vip: string;
  readonly directory: string;
  readonly sshConfig: string;
  readonly operatorArgv: readonly string[];
  readonly clientArgv: readonly string[];
  readonly hosts: readonly HostStatus[];
}

export function readStatus(): RunStatus[] {
  return listRuns().map((record) => {
    const { vip, directory, sshConfig, operatorArgv, clientArgv, hosts } = openLab(record.prefix);
    return {
      prefix: record.prefix,
      image: record.image,
      createdAt: record.createdAt,
      ...(record.owner === undefined ? {} : { ownerPid: record.owner.pid }),
      leftover: isLeftover(record),
      vip,
      directory,
      sshConfig,
      operatorArgv,
      clientArgv,
      hosts: [...hosts.values()].map(({ name, address, running }) => ({ name, address, running })),
    };
  });
}

export function renderStatus(runs: readonly RunStatus[]): string {
  if (runs.length === 0) return 'no lab is up';
  return runs
    .map((one) => {
      const owner = one.ownerPid === undefined ? 'until `lab down`' : `until process ${one.ownerPid} ends`;
      const hosts = one.hosts.map(
        ({ name, address, running }) => `  ${name}  ${address}  ${running ? 'on' : 'off'}`,
      );
      const ssh = `  ${one.operatorArgv.join(' ')} ssh -F ${one.sshConfig} ${one.hosts[0]?.name ?? 'HOST'}`;
      return [`${one.prefix}  ${one.image}  ${owner}`, ...hosts, ssh].join('\n');
    })
    .join('\n');
}
