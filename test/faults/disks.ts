/** Disks that are full or do not answer. */

import { recordsSolo, silentAfter } from './also.ts';
import type { Fault } from './fault.ts';

export const diskFaults: readonly Fault[] = [
  {
    id: '24',
    name: 'disk of the primary full',
    ownDisk: true,
    inject: async ({ stage, a }) => void (await stage.lab.faults.fillDisk(a.name)),
    holdMs: 6000,
    expect: { failover: 'yes', outageMs: 1500 },
  },
  {
    id: '25',
    name: 'disk of the standby full',
    ownDisk: true,
    inject: async ({ stage, b }) => void (await stage.lab.faults.fillDisk(b.name)),
    holdMs: 6000,
    expect: { failover: 'no', outageMs: 800, also: [recordsSolo] },
  },
  {
    id: '26',
    name: 'disk of the primary hangs',
    ownDisk: true,
    inject: async ({ stage, a }) => void (await stage.lab.faults.hangDisk(a.name)),
    holdMs: 6000,
    expect: { failover: 'yes', outageMs: 1500, also: [silentAfter(1200)] },
  },
];
