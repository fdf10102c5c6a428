/** Heartbeats of a healthy deployed pair (db1 primary with the VIP 10.88.0.10), with what a test wants different. */

import type {
  DatabaseState,
  GuardState,
  Heartbeat,
  ReplicationChannel,
  VotingState,
} from '../../shared/model/facts.ts';

export const VIP = '10.88.0.10';
const UNITS = ['mariadb.service', 'keepalived.service', 'hotpair-agent.service', 'hotpair-guard.service'];
const DAY_MS = 86_400_000;

export interface HeartbeatWish {
  readonly primary?: boolean;
  readonly vip?: boolean;
  readonly time?: number;
  readonly database?: Partial<DatabaseState>;
  readonly channel?: Partial<ReplicationChannel> | null;
  readonly guard?: Partial<GuardState> | null;
  /** ActiveState by unit. */
  readonly units?: Readonly<Record<string, string>>;
  readonly rest?: Partial<Heartbeat>;
}

export function makeHeartbeat(host: 'db1' | 'db2', wish: HeartbeatWish = {}): Heartbeat {
  const primary = wish.primary ?? host === 'db1';
  const vip = wish.vip ?? primary;
  const time = wish.time ?? 0;
  const own = { interface: 'eth0', prefix: 24, family: 'inet' } as const;
  const address = host === 'db1' ? '10.88.0.11' : '10.88.0.12';
  return {
    host,
    sequence: 1,
    time,
    addresses: [{ ...own, address }, ...(vip ? [{ ...own, address: VIP }] : [])],
    database: makeDatabase(host, primary, wish),
    guard: wish.guard === null ? null : { ...makeGuard(primary, vip, time), ...wish.guard },
    services: UNITS.map((unit) => ({
      ...{ unit, active: wish.units?.[unit] ?? 'active', enabled: true, pid: 100, since: time - 3_600_000 },
    })),
    ...{ load1: 0.1, diskFreeBytes: 60e9, diskTotalBytes: 100e9, memoryFreeBytes: 2e9 },
    hostUptimeSeconds: 86_400,
    certificates: { agent: time + 800 * DAY_MS, database: time + 800 * DAY_MS },
    drift: [],
    ...wish.rest,
  };
}

function makeDatabase(host: 'db1' | 'db2', primary: boolean, wish: HeartbeatWish): DatabaseState {
  const channel = { ...makeChannel(host === 'db1' ? '10.88.0.12' : '10.88.0.11'), ...wish.channel };
  return {
    ...{ up: true, version: '10.11.14-MariaDB', serverId: host === 'db1' ? 1 : 2, readOnly: !primary },
    ...{
      uptimeSeconds: 3600,
      gtidBinlogPos: '0-1-42',
      gtidSlavePos: '0-1-42',
      connections: 3,
      commits: 1000,
    },
    channel: wish.channel === null ? null : channel,
    error: null,
    ...wish.database,
  };
}

function makeChannel(sourceHost: string): ReplicationChannel {
  return {
    ...{ sourceHost, sourcePort: 3306, ioRunning: 'Yes', sqlRunning: true, secondsBehind: 0 },
    ...{ ioErrno: 0, ioError: '', sqlErrno: 0, sqlError: '' },
    ...{ usingGtid: 'Slave_Pos', gtidIoPos: '0-1-42', ssl: true },
  };
}

function makeGuard(primary: boolean, vip: boolean, time: number): GuardState {
  return {
    ...{ role: primary ? 'primary' : 'standby', permit: true, hasVip: vip },
    ...{ reason: 'as it should be', row: 'T1', since: time - 60_000, updated: time, lastPromotion: null },
    voting: makeVoting(primary),
  };
}

/** As in a pair in SYNC whose primary is db1, unless told otherwise. */
export function makeVoting(primary: boolean, more: Partial<VotingState> = {}): VotingState {
  return {
    ...{ phase: primary ? 'PRIMARY_SYNC' : 'STANDBY_READY', epoch: 7, primary: 'db1', mode: 'sync' },
    ...{ votes: { own: 1, peer: 1, witness: 1 }, hears: { peer: true, witness: true } },
    ...{ promotable: !primary, leased: primary, order: null, note: null, decision: null },
    ...more,
  };
}

/** What a heartbeat looks like when the server of the host is gone and its guard knows. */
export function serverDown(host: 'db1' | 'db2', wish: HeartbeatWish = {}): Heartbeat {
  return makeHeartbeat(host, {
    primary: false,
    ...wish,
    guard: { role: 'down', permit: false, ...wish.guard },
    units: { 'mariadb.service': 'failed', ...wish.units },
    database: {
      ...{ up: false, version: null, serverId: null, readOnly: null, uptimeSeconds: null, channel: null },
      ...{ gtidBinlogPos: '', gtidSlavePos: '', connections: null, commits: null, error: 'socket closed' },
      ...wish.database,
    },
  });
}
