/** What processors did since a moment: all of the machine's, and the guards' share of them. */

import { existsSync, readFileSync } from 'node:fs';
import type { LabHost } from '../../test/lab/lab.ts';
import { monotonicMs } from '../../test/lab/load/clock.ts';
import { GUARD } from './read-pair.ts';

export interface ProcessorUse {
  /** Of the whole machine: hosts, load and strangers. */
  readonly busyPercent: number;
  /** Of one core: the guards of both hosts with what they have started. */
  readonly guardsPercent: number;
}

/** Begins to measure; call what it answers at the end. */
export function measureProcessors(hosts: readonly LabHost[]): () => ProcessorUse {
  const before = machineTicks();
  const [usedBefore, startedAt] = [guardsMs(hosts), monotonicMs()];
  return () => {
    const after = machineTicks();
    const all = after.all - before.all;
    return {
      busyPercent: all === 0 ? 0 : 100 * (1 - (after.idle - before.idle) / all),
      guardsPercent: (100 * (guardsMs(hosts) - usedBefore)) / (monotonicMs() - startedAt),
    };
  };
}

const machineTicks = (): Ticks => parseMachineTicks(readFileSync('/proc/stat', 'utf8'));

export interface Ticks {
  readonly all: number;
  readonly idle: number;
}

/** The line `cpu` of /proc/stat (proc_stat(5)): user, nice, system, idle, iowait, irq, softirq, steal; guests are in user. */
export function parseMachineTicks(stat: string): Ticks {
  const ticks = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').slice(0, 8).map(Number);
  const [, , , idle = 0, waiting = 0] = ticks;
  return { all: ticks.reduce((sum, one) => sum + one, 0), idle: idle + waiting };
}

/** A unit that does not run has no control group. */
function guardsMs(hosts: readonly LabHost[]): number {
  return hosts
    .map(({ root }) => `${root}/sys/fs/cgroup/system.slice/${GUARD}/cpu.stat`)
    .filter((path) => existsSync(path))
    .reduce((sum, path) => sum + parseCpuStat(readFileSync(path, 'utf8')), 0);
}

/** Milliseconds of a control group's cpu.stat. */
export function parseCpuStat(text: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1]) / 1000;
}
