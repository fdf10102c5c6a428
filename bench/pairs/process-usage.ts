/** What a process of the bench uses of the machine. */

import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { MS_PER_TICK, parseTicks, parseWaitMs } from '../processor-time.ts';

/** What a process uses from now on until the answer is asked for. */
export function usageFrom({ pid }: ChildProcess): () => { cpuPercent: number; waitPercent: number } {
  const read = (): number[] => [
    parseTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) * MS_PER_TICK,
    parseWaitMs(readFileSync(`/proc/${pid}/schedstat`, 'utf8')),
    performance.now(),
  ];
  const before = read();
  return () => {
    const [cpu = 0, wait = 0, passed = 0] = read().map((value, index) => value - (before[index] ?? 0));
    return { cpuPercent: (cpu / passed) * 100, waitPercent: (wait / passed) * 100 };
  };
}

/** MB. */
export function rssOf({ pid }: ChildProcess): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
