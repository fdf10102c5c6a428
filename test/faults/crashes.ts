/** A process or a host that dies, hangs or freezes. */

import { noAckAfterReturn, recordsSolo, saysWhy, silentAfter, syncWithin } from './also.ts';
import type { Fault, Scene } from './fault.ts';
import { freeze, GUARD, kill, losePower, SERVER, stopCoordinator } from './steps.ts';

const AGENT = 'hotpair-agent.service';
/** Synchronous is who has received all; what eight connections wrote in a minute takes longer to be applied. */
const APPLIED_MS = 45_000;

const hang =
  (unit: string) =>
  async ({ stage, a }: Scene): Promise<void> =>
    void (await stage.lab.faults.stopProcess(a.name, unit));

export const crashes: readonly Fault[] = [
  {
    id: '1',
    name: 'kill -9 of the server',
    inject: ({ stage, a }) => kill(stage, a, SERVER),
    holdMs: 3000,
    expect: { failover: 'yes', outageMs: 500 },
  },
  {
    id: '2',
    name: 'kill -9 of the server, witness down',
    prepare: (scene) => stopCoordinator(scene, 1000),
    inject: ({ stage, a }) => kill(stage, a, SERVER),
    holdMs: 3000,
    expect: { failover: 'yes', outageMs: 500 },
  },
  {
    id: '2b',
    name: 'kill -9 of the server, witness down for 30 s',
    prepare: (scene) => stopCoordinator(scene, 30_000),
    inject: ({ stage, a }) => kill(stage, a, SERVER),
    holdMs: 3000,
    expect: { failover: 'yes', outageMs: 500 },
  },
  {
    id: '3',
    name: 'power loss of the primary',
    inject: ({ stage, a }) => losePower(stage, a),
    holdMs: 5000,
    expect: { failover: 'yes', outageMs: 1500 },
  },
  {
    id: '3b',
    name: 'power loss of the primary for 30 s',
    inject: ({ stage, a }) => losePower(stage, a),
    holdMs: 30_000,
    expect: { failover: 'yes', outageMs: 1500, backMs: APPLIED_MS, also: [syncWithin(15_000)] },
  },
  {
    id: '4',
    name: 'power loss of the primary, witness down for 30 s',
    prepare: (scene) => stopCoordinator(scene, 30_000),
    inject: ({ stage, a }) => losePower(stage, a),
    holdMs: 5000,
    expect: { failover: 'yes', outageMs: 2000 },
  },
  {
    id: '5',
    name: 'power loss of the primary, witness down for 1 s',
    prepare: async () => undefined,
    inject: async (scene) => {
      await stopCoordinator(scene, 1000);
      await losePower(scene.stage, scene.a);
    },
    holdMs: 15_000,
    expect: {
      // The standby has everything and waits for one more vote: that of the returning host comes before its server is up.
      failover: 'any',
      outageMs: null,
      meanwhile: 'down',
      also: [saysWhy('b', /majority|vote|witness/i)],
    },
  },
  {
    id: '6a',
    name: 'server hangs for 5 s',
    inject: hang(SERVER),
    holdMs: 5000,
    expect: { failover: 'yes', outageMs: 1300, also: [silentAfter(1000), noAckAfterReturn] },
  },
  {
    id: '6b',
    name: 'server hangs for 60 s',
    inject: hang(SERVER),
    holdMs: 60_000,
    expect: { failover: 'yes', outageMs: 1300, also: [silentAfter(1000), noAckAfterReturn] },
  },
  {
    id: '6c',
    name: 'server hangs for 5 s, witness down',
    prepare: (scene) => stopCoordinator(scene, 1000),
    inject: hang(SERVER),
    holdMs: 5000,
    expect: { failover: 'yes', outageMs: 1300, also: [silentAfter(1000), noAckAfterReturn] },
  },
  {
    id: '6d',
    name: 'server hangs for 5 s, witness down for 30 s',
    prepare: (scene) => stopCoordinator(scene, 30_000),
    inject: hang(SERVER),
    holdMs: 5000,
    expect: { failover: 'yes', outageMs: 1300, also: [silentAfter(1000), noAckAfterReturn] },
  },
  {
    id: '7a',
    name: 'primary frozen for 10 s',
    inject: freeze,
    holdMs: 10_000,
    expect: { failover: 'yes', outageMs: 1500, staleMs: 700, also: [silentAfter(1000), noAckAfterReturn] },
  },
  {
    id: '7b',
    name: 'primary frozen for 60 s, 50 sessions open',
    sessions: 42,
    inject: freeze,
    holdMs: 60_000,
    expect: {
      ...{ failover: 'yes', outageMs: 1500, staleMs: 700 },
      ...{ backMs: APPLIED_MS, also: [silentAfter(1000), noAckAfterReturn, syncWithin(15_000)] },
    },
  },
  {
    id: '17a',
    name: 'kill -9 of the guard on the primary',
    inject: ({ stage, a }) => kill(stage, a, GUARD),
    holdMs: 5000,
    expect: { failover: 'no', outageMs: 300 },
  },
  {
    id: '17b',
    name: 'kill -9 of the agent on the primary',
    inject: ({ stage, a }) => kill(stage, a, AGENT),
    holdMs: 5000,
    expect: { failover: 'no', outageMs: 300 },
  },
  {
    id: '18',
    name: 'guard on the primary hangs for 30 s',
    inject: hang(GUARD),
    holdMs: 30_000,
    // systemd's watchdog may bring a hung guard back before the others give up on it.
    expect: { failover: 'any', outageMs: 1500 },
  },
  {
    id: '22',
    name: 'kill -9 of the server on the standby',
    inject: ({ stage, b }) => kill(stage, b, SERVER),
    holdMs: 5000,
    expect: { failover: 'no', outageMs: 800, also: [recordsSolo, syncWithin(15_000)] },
  },
  {
    id: '22b',
    name: 'power loss of the standby for 30 s',
    inject: ({ stage, b }) => losePower(stage, b),
    holdMs: 30_000,
    expect: {
      ...{ failover: 'no', outageMs: 800, backMs: APPLIED_MS },
      also: [recordsSolo, syncWithin(15_000)],
    },
  },
];
