/** Readings of the pair orders, healthy unless a test says otherwise. */

import type { HostReading, PairReadings, TrendReadings } from '../../coordinator/report/health-report.ts';
import type { OutageCause } from '../../shared/api/history.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { makeHeartbeat, VIP } from './make-heartbeat.ts';

/** 2026-11-22 08:00 UTC. */
export const NOW = Date.UTC(2026, 10, 22, 8);
export const HOUR_MS = 3_600_000;

export const PAIR: PairSpec = {
  ...{ name: 'orders', vip: VIP, vipPrefix: 24 },
  hosts: [
    { name: 'db1', address: '10.88.0.11', interface: 'eth0', ssh: 'root@10.88.0.11', ordinal: 1 },
    { name: 'db2', address: '10.88.0.12', interface: 'eth0', ssh: 'root@10.88.0.12', ordinal: 2 },
  ],
  database: { flavor: 'mariadb', port: 3306, settings: {}, application: null },
  protection: 'availability',
  fence: 'nftables',
  guardPort: 7434,
  vrrp: { virtualRouterId: 51, advertIntervalMs: 50 },
};

export interface ReadingsWish {
  /** A heartbeat, or the reason why there is none. */
  readonly db1?: Heartbeat | string;
  readonly db2?: Heartbeat | string;
  readonly events?: PairReadings['events'];
  readonly runs?: PairReadings['runs'];
  readonly causes?: ReadonlyMap<number, OutageCause>;
  readonly trend?: TrendReadings;
}

export function makeReadings(wish: ReadingsWish = {}): PairReadings {
  return {
    pair: PAIR,
    period: { from: NOW - 24 * HOUR_MS, to: NOW },
    hosts: [reading('db1', wish.db1), reading('db2', wish.db2)],
    ...{ events: wish.events ?? [], runs: wish.runs ?? [] },
    ...(wish.trend === undefined ? {} : { trend: wish.trend }),
    ...(wish.causes === undefined ? {} : { causes: wish.causes }),
  };
}

function reading(
  name: 'db1' | 'db2',
  wish: Heartbeat | string = makeHeartbeat(name, { time: NOW }),
): HostReading {
  const address = name === 'db1' ? '10.88.0.11' : '10.88.0.12';
  const failed = typeof wish === 'string';
  return { name, address, heartbeat: failed ? null : wish, error: failed ? wish : null, receivedAt: NOW };
}
