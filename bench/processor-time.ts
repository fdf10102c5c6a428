/** Processor time as the kernel tells it. Pure. */

/** Of a process: utime, stime, cutime and cstime of /proc/PID/stat (proc(5)) added up, in ticks of 10 ms. */
export function parseTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Of a control group: its cpu.stat (Linux, Documentation/admin-guide/cgroup-v2.rst), in ms. */
export function parseUsageMs(stat: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1000;
}

/** Of the main thread of a process: its schedstat (Linux, Documentation/scheduler/sched-stats.rst), the time it was ready to run and did not, in ms. */
export function parseWaitMs(schedstat: string): number {
  return Number(schedstat.split(' ')[1]) / 1e6;
}
