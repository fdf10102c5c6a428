/** More than one thing goes wrong at a time: both hosts, or a guard in the middle of what another fault began. */

import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { readGuardStatus } from '../lab/load/voting.ts';
import { saysWhy } from './also.ts';
import type { Fault, Scene } from './fault.ts';
import { freeze, GUARD, kill, losePower, SERVER } from './steps.ts';

export const doubleFaults: readonly Fault[] = [
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
  {
    id: '31c',
    name: 'both hosts reboot at once',
    inject: async ({ stage, a, b }) => {
      await Promise.all([losePower(stage, a), losePower(stage, b)]);
      await Promise.all([stage.boot(a), stage.boot(b)]);
    },
    holdMs: 0,
    expect: { failover: 'no', outageMs: null },
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
