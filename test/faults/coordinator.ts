/** The coordinator, which is the witness, dies, restarts, or is away: it costs nothing but its vote. */

import { setTimeout as delay } from 'node:timers/promises';
import { noVipFlap, reassignsVotes } from './also.ts';
import type { Fault } from './fault.ts';
import { stopCoordinator } from './steps.ts';

const nothing = { failover: 'no', outageMs: 300 } as const;

export const coordinatorFaults: readonly Fault[] = [
  {
    id: '16a',
    name: 'kill -9 of the coordinator',
    inject: (scene) => stopCoordinator(scene, 0),
    holdMs: 5000,
    expect: { ...nothing, also: [noVipFlap] },
  },
  {
    id: '16b',
    name: 'coordinator restarts three times',
    inject: async ({ stage: { coordinator } }) => {
      for (let time = 0; time < 3; time += 1) {
        await coordinator.stop('SIGTERM');
        coordinator.start();
        await delay(3000);
      }
    },
    holdMs: 0,
    expect: { ...nothing, also: [noVipFlap] },
  },
  {
    id: '16c',
    name: 'coordinator away for a minute',
    inject: (scene) => stopCoordinator(scene, 0),
    holdMs: 60_000,
    expect: { ...nothing, also: [noVipFlap, reassignsVotes] },
  },
];
