/** Faults of keepalived and of how the VIP is found. */

import { setTimeout as delay } from 'node:timers/promises';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { noVipFlap, twoHoldersAtMost } from './also.ts';
import type { Fault } from './fault.ts';
import { kill, SERVER } from './steps.ts';

const KEEPALIVED = 'keepalived.service';

export const addressFaults: readonly Fault[] = [
  {
    id: '19a',
    name: 'kill -9 of keepalived on the primary',
    inject: ({ stage, a }) => kill(stage, a, KEEPALIVED),
    holdMs: 5000,
    // Its unit takes the VIP away before it starts it anew.
    expect: { failover: 'no', outageMs: 1000, also: [twoHoldersAtMost(0)] },
  },
  {
    id: '19b',
    name: 'keepalived on the primary hangs for 10 s',
    inject: async ({ stage, a }) => void (await stage.lab.faults.stopProcess(a.name, KEEPALIVED)),
    holdMs: 10_000,
    expect: { failover: 'no', outageMs: 1000, also: [twoHoldersAtMost(0)] },
  },
  {
    id: '19c',
    name: 'keepalived on the primary reloads a broken configuration',
    inject: async ({ a, defer }) => {
      const { stdout: good } = await a.exec(['cat', HOST_PATHS.keepalivedConfig]);
      const write = (input: string) => a.exec(['tee', HOST_PATHS.keepalivedConfig], { input });
      const reload = () => a.exec(['systemctl', 'reload', KEEPALIVED], { check: false });
      defer(async () => {
        await write(good);
        await reload();
      });
      await write('vrrp_instance {{{\n');
      await reload();
    },
    holdMs: 5000,
    expect: { failover: 'no', outageMs: 300, also: [noVipFlap] },
  },
  {
    id: '19d',
    name: 'keepalived on the primary dies and cannot start',
    inject: async ({ stage, a, defer }) => {
      const { stdout: good } = await a.exec(['cat', HOST_PATHS.keepalivedConfig]);
      const write = (input: string) => a.exec(['tee', HOST_PATHS.keepalivedConfig], { input });
      defer(async () => {
        await write(good);
        await a.exec(['systemctl', 'restart', KEEPALIVED]);
      });
      await write('vrrp_instance {{{\n');
      await kill(stage, a, KEEPALIVED);
    },
    holdMs: 10_000,
    expect: { failover: 'yes', outageMs: 5000, also: [twoHoldersAtMost(0)] },
  },
  {
    id: '20',
    name: 'kill -9 of keepalived and the server together',
    inject: ({ stage, a }) => kill(stage, a, KEEPALIVED, SERVER),
    holdMs: 5000,
    expect: { failover: 'yes', outageMs: 1000, also: [twoHoldersAtMost(0)] },
  },
  {
    id: '21',
    name: 'gratuitous ARP of the standby lost for 2 s when it takes over',
    inject: async ({ stage, a, b }) => {
      const end = await stage.lab.faults.dropAnnouncements(b.name);
      await kill(stage, a, SERVER);
      await delay(2000);
      await end();
    },
    holdMs: 8000,
    expect: { failover: 'yes', outageMs: 7500 },
  },
];
