/** Processes and hosts that die, hang or freeze. */

import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { readGuardStatus } from '../lab/load/voting.ts';
import { noAckAfterReturn, recordsSolo, saysWhy, silentAfter, syncWithin } from './also.ts';
import type { Fault, Scene } from './fault.ts';
import { kill, losePower, SERVER, stopCoordinator } from './steps.ts';

const GUARD = 'hotpair-guard.service';
const AGENT = 'hotpair-agent.service';

const freeze = async ({ stage, a }: Scene): Promise<void> => void (await stage.lab.faults.freeze(a.name));

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
    id: '3',
    name: 'power loss of the primary',
    inject: ({ stage, a }) => losePower(stage, a),
    holdMs: 5000,
    expect: { failover: 'yes', outageMs: 1500 },
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
      failover: 'no',
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
    id: '7',
    name: 'primary frozen for 60 s, 50 sessions open',
    sessions: 42,
    inject: freeze,
    holdMs: 60_000,
    expect: { failover: 'yes', outageMs: 1500, staleMs: 700, also: [silentAfter(1000), noAckAfterReturn] },
  },
  {
    id: '8',
    name: 'primary alone and frozen for 30 s, the standby boots meanwhile',
    prepare: async ({ stage, a, b }) => {
      await losePower(stage, b);
      await waitUntilAlone(a);
    },
    inject: async (scene) => {
      await freeze(scene);
      await scene.stage.boot(scene.b);
    },
    holdMs: 30_000,
    expect: { failover: 'no', outageMs: null, meanwhile: 'down' },
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
    id: '23',
    name: "kill -9 of the standby's server, power loss of the primary 1 s later",
    inject: async ({ stage, a, b }) => {
      await kill(stage, b, SERVER);
      await delay(1000);
      await losePower(stage, a);
    },
    holdMs: 15_000,
    expect: { failover: 'no', outageMs: null, meanwhile: 'down', also: [saysWhy('b', /\S/)] },
  },
  {
    id: '30a',
    name: "server dies, the standby's guard is killed while it takes over",
    inject: async ({ stage, a, b, random }) => {
      await kill(stage, a, SERVER);
      await delay(random.between(0, 400));
      await kill(stage, b, GUARD);
    },
    holdMs: 6000,
    expect: { failover: 'any', outageMs: null },
  },
  {
    id: '30b',
    name: "standby dies, the primary's guard is killed while it goes on alone",
    inject: async ({ stage, a, b, random }) => {
      await losePower(stage, b);
      await delay(random.between(300, 1000));
      await kill(stage, a, GUARD);
    },
    holdMs: 6000,
    expect: { failover: 'no', outageMs: 1500 },
  },
  {
    id: '30c',
    name: 'a guard is killed while the standby comes back',
    inject: async ({ stage, a, b, random }) => {
      await kill(stage, b, SERVER);
      await delay(random.between(500, 5000));
      await kill(stage, random.chance(0.5) ? a : b, GUARD);
    },
    holdMs: 6000,
    expect: { failover: 'no', outageMs: 1500 },
  },
  {
    id: '31a',
    name: 'both hosts reboot, the primary 5 s later',
    inject: async ({ stage, a, b }) => {
      await Promise.all([losePower(stage, a), losePower(stage, b)]);
      await stage.boot(b);
      await delay(5000);
    },
    holdMs: 0,
    expect: { failover: 'no', outageMs: null },
  },
  {
    id: '31b',
    name: 'both hosts reboot, the primary stays away for 20 s',
    inject: async ({ stage, a, b }) => {
      await Promise.all([losePower(stage, a), losePower(stage, b)]);
      await stage.boot(b);
    },
    holdMs: 20_000,
    expect: { failover: 'no', outageMs: null, meanwhile: 'down', also: [saysWhy('b', /\S/)] },
  },
];

const aloneMs = 20_000;

/** Until the primary serves without its standby, whoever decides that. */
async function waitUntilAlone(host: Scene['a']): Promise<void> {
  const alone = async () => {
    const status = await readGuardStatus(host);
    return status?.voting?.mode === 'solo' || undefined;
  };
  await waitFor('the primary to be alone', alone, { deadlineMs: aloneMs, intervalMs: 100 });
}
