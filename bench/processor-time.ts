/** Processor time as the kernel tells it. Pure. */

export const MS_PER_TICK = 10;

/** Of a process: utime, stime, cutime and cstime of /proc/PID/stat (proc(5)) added up, in ticks. */
export function parseTicks(stat: string): number {
  return ticksOf(stat, 11, 15);
}

/** Of the children of a process that have ended and were waited for: cutime and cstime, in the same ticks. */
export function parseEndedTicks(stat: string): number {
  return ticksOf(stat, 13, 15);
}

/** The process number of its parent, of the same text. */
export function parseParent(stat: string): string {
  return fieldsOf(stat)[1] ?? '';
}

/** What comes after the name, which may have spaces and parentheses in it: the state is the first. */
const fieldsOf = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

function ticksOf(stat: string, from: number, to: number): number {
  return fieldsOf(stat)
    .slice(from, to)
    .reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Of a control group: its cpu.stat (Linux, Documentation/admin-guide/cgroup-v2.rst), in ms. */
export function parseUsageMs(stat: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1000;
}

/** Of the main thread of a process: its schedstat (Linux, Documentation/scheduler/sched-stats.rst), the time it was ready to run and did not, in ms. */
export function parseWaitMs(schedstat: string): number {
  return Number(schedstat.split(' ')[1]) / 1e6;
}
