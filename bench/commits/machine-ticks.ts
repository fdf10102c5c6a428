/** How busy the whole machine was since a moment, in percent of all its processors. */

import { readFileSync } from 'node:fs';

export function machineTicks(): { busyPercent(): number } {
  const before = now();
  return {
    busyPercent() {
      const after = now();
      const all = after.all - before.all;
      return all === 0 ? 0 : 100 * (1 - (after.idle - before.idle) / all);
    },
  };
}

const now = (): Ticks => parseMachineTicks(readFileSync('/proc/stat', 'utf8'));

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
