/** The machine that measures, as a result tells it. */

import { cpus, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpus: string;
  readonly memoryGb: number;
  readonly kernel: string;
}

export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpus: `${all.length} × ${all[0]?.model.trim() ?? 'unknown processor'}`,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
  };
}
