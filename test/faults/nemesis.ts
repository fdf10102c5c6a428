/** Faults chosen by chance: one, sometimes two at a time, each on a host of its own choice, each healed after a while. */

import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from '../lab/lab.ts';
import type { Fault, Scene } from './fault.ts';
import { GUARD, kill, losePower, SERVER, switchOver } from './steps.ts';

const KEEPALIVED = 'keepalived.service';
const W = 'operator';

type End = () => Promise<void>;

interface Misfortune {
  readonly name: string;
  /** Strikes `host`; answers how it ends. */
  strike(scene: Scene, host: LabHost, other: LabHost): Promise<End>;
}

const nothing: End = async () => undefined;

const killed = (name: string, unit: string): Misfortune => ({
  name: `kill ${name}`,
  strike: async ({ stage }, host) => {
    await kill(stage, host, unit);
    return nothing;
  },
});

const paused = (name: string, unit: string): Misfortune => ({
  name: `pause ${name}`,
  strike: async ({ stage }, host) => {
    await stage.lab.faults.stopProcess(host.name, unit);
    // What hung may have been killed meanwhile.
    return () => stage.lab.faults.contProcess(host.name, unit).catch(() => undefined);
  },
});

const wire = (
  name: string,
  strike: (faults: Scene['stage']['lab']['faults'], host: string, other: string) => Promise<End>,
): Misfortune => ({
  name,
  strike: ({ stage }, host, other) => strike(stage.lab.faults, host.name, other.name),
});

const misfortunes: readonly [Misfortune, ...Misfortune[]] = [
  killed('server', SERVER),
  killed('server', SERVER),
  killed('guard', GUARD),
  killed('keepalived', KEEPALIVED),
  killed('agent', 'hotpair-agent.service'),
  paused('server', SERVER),
  paused('guard', GUARD),
  paused('keepalived', KEEPALIVED),
  {
    name: 'freeze',
    strike: ({ stage }, host) => stage.lab.faults.freeze(host.name),
  },
  {
    name: 'power loss',
    strike: async ({ stage }, host) => {
      await losePower(stage, host);
      return () => stage.boot(host);
    },
  },
  {
    name: 'coordinator away',
    strike: async ({ stage }) => {
      await stage.coordinator.stop('SIGKILL');
      return async () => stage.coordinator.start();
    },
  },
  {
    name: 'planned switchover to the other',
    strike: async (scene, _host, other) => {
      // Refused or given up is an answer, too.
      const asked = switchOver(scene, other.name);
      return async () => void (await asked);
    },
  },
  wire('cut from everybody', (faults, host, other) => faults.partition([host], [other, W])),
  wire('cut from peer', (faults, host, other) => faults.partition([host], [other])),
  wire('cut from witness', (faults, host) => faults.partition([host], [W])),
  wire('all three apart', (faults, host, other) => faults.partition([host], [other], [W])),
  wire('one way to peer lost', (faults, host, other) => faults.dropOneWay(host, other)),
  wire('one way to witness lost', (faults, host) => faults.dropOneWay(host, W)),
  wire('one way from witness lost', (faults, host) => faults.dropOneWay(W, host)),
  wire('VRRP lost', (faults, host) => faults.dropVrrp(host)),
  wire('30 % to peer lost', (faults, host, other) => faults.loseRandomly(30, [host, other])),
];

const longestHoldMs = 8000;
const apartMs = 4000;

export const nemesis: Fault = {
  id: '35',
  name: 'nemesis: one or two of anything',
  inject: async (scene) => {
    const count = scene.random.chance(0.35) ? 2 : 1;
    const chosen = Array.from({ length: count }, (_, index) => chooseOne(scene, index));
    scene.note(chosen.map(({ words }) => words).join(' and '));
    await Promise.all(chosen.map(({ run }) => run()));
  },
  holdMs: 1000,
  expect: { failover: 'any', outageMs: null, staleMs: 700, mayRest: true },
};

function chooseOne(scene: Scene, index: number): { words: string; run: () => Promise<void> } {
  const { random, a, b } = scene;
  const misfortune = random.pick(misfortunes);
  const [host, other] = random.chance(0.6) ? [a, b] : [b, a];
  const afterMs = index === 0 ? 0 : Math.round(random.between(0, apartMs));
  const holdMs = Math.round(random.between(300, longestHoldMs));
  return {
    words: `${misfortune.name} (${host.name}, at ${afterMs} ms for ${holdMs} ms)`,
    run: async () => {
      await delay(afterMs);
      // A host that is off by now has nothing left to be hit.
      const end = await misfortune.strike(scene, host, other).catch(() => nothing);
      await delay(holdMs);
      await end();
    },
  };
}
