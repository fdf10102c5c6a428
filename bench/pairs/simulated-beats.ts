/** The heartbeats of one simulated host: the first is complete, the others tell what moves on a host that works. Pure. */

import type { Heartbeat } from '../../shared/model/facts.ts';
import { type HeartbeatChanges, mergeChanges } from '../../shared/model/heartbeat-changes.ts';
import { makeHeartbeat } from '../../test/support/make-heartbeat.ts';
import type { SimulatedHost, SimulatedPair } from './fleet.ts';

export interface SimulatedBeat {
  readonly changes: HeartbeatChanges;
  /** Tells a heartbeat apart from those before it. */
  readonly lagSeconds: number;
}

/** Below the lag that counts as trouble. */
const LAGS = 9;

/** Each call is the next heartbeat, taken at that time. */
export function beatsOf(
  pair: SimulatedPair,
  host: SimulatedHost,
  began: number,
): (now: number) => SimulatedBeat {
  const still = stillOf(pair, host, began);
  const { channel } = still.database;
  let sequence = 0;
  return (now) => {
    sequence += 1;
    const lagSeconds = sequence % LAGS;
    const position = `0-1-${42 + sequence * 7}`;
    const changes: HeartbeatChanges = {
      ...{ sequence, time: now, load1: (sequence % 100) / 100 },
      ...{ memoryFreeBytes: 2e9 + sequence * 4096, hostUptimeSeconds: 86_400 + sequence },
      database: {
        ...{ commits: 1000 + sequence * 7, uptimeSeconds: 3600 + sequence },
        ...{ gtidBinlogPos: position, gtidSlavePos: position },
        channel: channel === null ? null : { ...channel, gtidIoPos: position, secondsBehind: lagSeconds },
      },
      guard: { updated: now },
    };
    return { lagSeconds, changes: sequence === 1 ? mergeChanges(still, changes) : changes };
  };
}

function stillOf(pair: SimulatedPair, { name, address, primary }: SimulatedHost, began: number): Heartbeat {
  const own = { interface: 'lo', prefix: 24, family: 'inet' } as const;
  const addresses = [address, ...(primary ? [pair.vip] : [])].map((one) => ({ ...own, address: one }));
  return { ...makeHeartbeat(primary ? 'db1' : 'db2', { time: began }), host: name, addresses };
}
