/** The idle bench: processor time and memory of agent, guard and its nft on a deployed pair at rest, heartbeats running. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type LabHost, startLab } from '../test/lab/lab.ts';
import { monotonicMs } from '../test/lab/load/clock.ts';
import { setUpHotpair } from './hotpair.ts';
import { MS_PER_TICK, parseEndedTicks, parseParent, parseTicks, parseUsageMs } from './processor-time.ts';

export interface IdleResult {
  readonly host: string;
  /** `nft`: what the guard starts for its leases, one process after the other. */
  readonly process: keyof typeof units | 'nft';
  /** Of one core; of a unit by its control group: all that it has started is counted in, running or ended. */
  readonly cpuPercent: number;
  /** null: not told. */
  readonly rssMb: number | null;
}

export interface IdleDocument {
  readonly bench: 'idle';
  readonly seconds: number;
  readonly results: readonly IdleResult[];
}

const units = { agent: 'hotpair-agent.service', guard: 'hotpair-guard.service' } as const;
const settleMs = 10_000;

export async function benchIdle(
  seconds: number,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<IdleDocument> {
  await using lab = await startLab({ image: 'bare', log, signal });
  const hosts = [lab.host('db1'), lab.host('db2')] as const;
  log('deploying');
  const { hotpair } = await setUpHotpair(lab, hosts);
  const [file = '', ...args] = hotpair.argv('serve');
  const daemon = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await delay(settleMs, undefined, { signal });
    if (daemon.exitCode !== null) throw new Error(`coordinator serve ended with code ${daemon.exitCode}`);
    log(`measuring for ${seconds} s`);
    const processes = (await Promise.all(hosts.map(processesOf))).flat();
    const startedAt = monotonicMs();
    const before = processes.map(({ usageMs }) => usageMs());
    await delay(seconds * 1000, undefined, { signal });
    const elapsedMs = monotonicMs() - startedAt;
    if (daemon.exitCode !== null) throw new Error(`coordinator serve ended with code ${daemon.exitCode}`);
    const results = processes.map((one, index) => {
      const cpuPercent = ((one.usageMs() - (before[index] ?? 0)) / elapsedMs) * 100;
      return {
        host: one.host.name,
        process: one.name,
        cpuPercent,
        rssMb: one.folder === undefined ? null : rssMb(one.folder),
      };
    });
    return { bench: 'idle', seconds, results };
  } finally {
    daemon.kill('SIGTERM');
  }
}

interface Found {
  readonly host: LabHost;
  readonly name: IdleResult['process'];
  /** In a /proc where it is; undefined: more than one process. */
  readonly folder?: string;
  readonly usageMs: () => number;
}

async function processesOf(host: LabHost): Promise<Found[]> {
  return [await findUnit(host, 'agent'), await findUnit(host, 'guard'), findPrograms(host)];
}

async function findUnit(host: LabHost, name: keyof typeof units): Promise<Found> {
  const usageMs = () => parseUsageMs(readFileSync(`${controlGroup(host, name)}/cpu.stat`, 'utf8'));
  return { host, name, folder: `${host.root}/proc/${await host.pidOf(units[name])}`, usageMs };
}

/** All that the guard starts: it has one nft at a time, each for some hundred transactions. */
function findPrograms(host: LabHost): Found {
  const list = `${controlGroup(host, 'guard')}/cgroup.procs`;
  const usageMs = () => {
    // By this machine's own process numbers: a control group's list has them in the reader's namespace.
    const pids = readFileSync(list, 'utf8').trim().split('\n');
    const stats = pids.map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const ticks = stats.map((stat) =>
      pids.includes(parseParent(stat)) ? parseTicks(stat) : parseEndedTicks(stat),
    );
    return ticks.reduce((sum, one) => sum + one, 0) * MS_PER_TICK;
  };
  return { host, name: 'nft', usageMs };
}

function controlGroup(host: LabHost, name: keyof typeof units): string {
  return `${host.root}/sys/fs/cgroup/system.slice/${units[name]}`;
}

function rssMb(folder: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1]) / 1024;
}
