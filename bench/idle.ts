/** The idle bench: processor time and memory of agent and guard on a deployed pair at rest, heartbeats running. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type LabHost, startLab } from '../test/lab/lab.ts';
import { monotonicMs } from '../test/lab/load/clock.ts';
import { setUpHotpair } from './hotpair.ts';
import { parseUsageMs } from './processor-time.ts';

export interface IdleResult {
  readonly host: string;
  readonly process: 'agent' | 'guard';
  /** Of one core, by the unit's control group: all that it has started is counted in, running or ended. */
  readonly cpuPercent: number;
  readonly rssMb: number;
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
    const processes = await Promise.all(hosts.flatMap((host) => [find(host, 'agent'), find(host, 'guard')]));
    const startedAt = monotonicMs();
    const before = processes.map(usageMsOf);
    await delay(seconds * 1000, undefined, { signal });
    const elapsedMs = monotonicMs() - startedAt;
    if (daemon.exitCode !== null) throw new Error(`coordinator serve ended with code ${daemon.exitCode}`);
    const results = processes.map((one, index) => {
      const cpuPercent = ((usageMsOf(one) - (before[index] ?? 0)) / elapsedMs) * 100;
      return { host: one.host.name, process: one.name, cpuPercent, rssMb: rssMb(one) };
    });
    return { bench: 'idle', seconds, results };
  } finally {
    daemon.kill('SIGTERM');
  }
}

interface Found {
  readonly host: LabHost;
  readonly name: IdleResult['process'];
  readonly pid: number;
}

async function find(host: LabHost, name: IdleResult['process']): Promise<Found> {
  return { host, name, pid: await host.pidOf(units[name]) };
}

function usageMsOf({ host, name }: Found): number {
  return parseUsageMs(
    readFileSync(`${host.root}/sys/fs/cgroup/system.slice/${units[name]}/cpu.stat`, 'utf8'),
  );
}

function rssMb({ host, pid }: Found): number {
  const status = readFileSync(`${host.root}/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
