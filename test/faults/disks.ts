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
    id: '24b',
    name: 'disks of both hosts full',
    ownDisk: true,
    inject: async ({ stage, a, b }) =>
      void (await Promise.all([a, b].map(({ name }) => stage.lab.faults.fillDisk(name)))),
    holdMs: 6000,
    // Nobody has room for what clients write: there is no reason to move them.
    // A server that waits for room looks again once a minute.
    expect: { failover: 'no', outageMs: null, backMs: 75_000 },
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
