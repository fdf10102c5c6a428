/**
 * Clocks that lie. Hosts of the lab share the machine's wall clock, so what jumps is the wall clock as hotpair's own
 * processes on one host see it; the database has no decision that stands on it.
 */

import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from '../lab/lab.ts';
import type { Fault } from './fault.ts';

const units = ['hotpair-guard.service', 'hotpair-agent.service'] as const;
const shim = '/etc/lab-clock.cjs';
const skewFile = '/run/lab-clock';
const hourMs = 3_600_000;

const shimText = `const { readFileSync } = require('node:fs');
const Real = Date;
let skew = 0;
const look = () => {
  try {
    skew = Number(readFileSync('${skewFile}', 'utf8')) || 0;
  } catch {
    skew = 0;
  }
};
setInterval(look, 50).unref();
globalThis.Date = class Date extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + skew);
    else super(...given);
  }
  static now() {
    return Real.now() + skew;
  }
};
`;

const dropInOf = (unit: string): string => `/etc/systemd/system/${unit}.d/lab-clock.conf`;

async function write(host: LabHost, path: string, input: string): Promise<void> {
  await host.exec(['mkdir', '-p', dirname(path)]);
  await host.exec(['tee', path], { input });
}

async function installClock(host: LabHost): Promise<void> {
  await write(host, shim, shimText);
  const text = `[Service]\nEnvironment=NODE_OPTIONS=--require=${shim}\n`;
  for (const unit of units) await write(host, dropInOf(unit), text);
  await host.exec(['systemctl', 'daemon-reload']);
  await host.exec(['systemctl', 'restart', ...units]);
}

async function removeClock(host: LabHost): Promise<void> {
  await host.exec(['rm', '-f', skewFile, ...units.map(dropInOf)]);
  await host.exec(['systemctl', 'daemon-reload']);
}

const stalls = 100;
const stallMs = 250;

export const clockFaults: readonly Fault[] = [
  {
    id: '34a',
    name: 'wall clock of the primary jumps by an hour, forth and back',
    prepare: async ({ stage, defer }) => {
      const { hosts } = stage.pair;
      // A guard that is restarted may cost the primary its place, so both get the clock, and keep it to the end.
      defer(async () => void (await Promise.all(hosts.map(removeClock))));
      await Promise.all(hosts.map(installClock));
      await stage.whole(15_000);
    },
    inject: async ({ a }) => {
      for (const skew of [hourMs, -hourMs, 0]) {
        await write(a, skewFile, String(skew));
        await delay(3000);
      }
    },
    holdMs: 0,
    expect: { failover: 'no', outageMs: 300 },
  },
  {
    id: '34b',
    name: `primary stands still ${stallMs} ms, ${stalls} times`,
    inject: async ({ stage, a }) => {
      for (let time = 0; time < stalls; time += 1) {
        const thaw = await stage.lab.faults.freeze(a.name);
        await delay(stallMs);
        await thaw();
        await delay(stallMs);
      }
    },
    holdMs: 0,
    // Each standstill is one; nothing may come on top of it.
    expect: { failover: 'no', outageMs: 2 * stallMs },
  },
];
