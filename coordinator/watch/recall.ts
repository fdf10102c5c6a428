/**
 * What the history says was true when watching ended: the daemon starts from it, so that what changed meanwhile gets
 * its event and what did not change gets none. Pure.
 */

import { Type } from 'typebox';
import { DriftSchema } from '../../shared/model/facts.ts';
import { fits } from '../../shared/protocol/decode.ts';
import type { EventKind } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { type HostState, initialHostState } from './host-state.ts';
import { initialPairState, type PairState } from './pair-state.ts';

type HostMemory = Partial<
  Pick<HostState, 'reachable' | 'server' | 'keepalived' | 'guard' | 'replication' | 'role' | 'drift'>
>;
type PairMemory = Partial<Pick<PairState, 'holder' | 'missing' | 'duplicated' | 'twoWriters' | 'protection'>>;

const OF_HOST: Partial<Record<EventKind, HostMemory>> = {
  AgentLost: { reachable: false },
  AgentBack: { reachable: true },
  ServerDown: { server: 'down' },
  ServerUp: { server: 'up' },
  KeepalivedDown: { keepalived: 'down' },
  KeepalivedUp: { keepalived: 'up' },
  GuardDown: { guard: 'down' },
  GuardUp: { guard: 'up' },
  ReplicationBroken: { replication: 'broken' },
  ReplicationLagging: { replication: 'lagging' },
  ReplicationHealthy: { replication: 'healthy' },
  ConfigRestored: { drift: [] },
};

const OF_PAIR: Partial<Record<EventKind, PairMemory>> = {
  VipMissing: { missing: true },
  VipDuplicated: { duplicated: true },
  VipRestored: { missing: false, duplicated: false },
  WritersDuplicated: { twoWriters: true },
  WritersRestored: { twoWriters: false },
};

const DRIFTS = Type.Array(DriftSchema);

/** The kinds that matter here, for the query. */
export const RECALLED_KINDS: readonly EventKind[] = [
  ...(Object.keys(OF_HOST) as EventKind[]),
  ...(Object.keys(OF_PAIR) as EventKind[]),
  ...(['ProtectionLost', 'ProtectionRestored'] as const),
  'VipMoved',
  'RoleChanged',
  'ConfigDrift',
];

/** `events` of this pair, oldest first. */
export function recallPairState(
  pair: string,
  vip: string,
  names: readonly [string, string],
  events: readonly StoredEvent[],
  now: number,
): PairState {
  const host = (name: string): HostState => {
    const own = events.filter((event) => event.host === name);
    return initialHostState(name, now, Object.assign({}, ...own.map(hostMemory)));
  };
  const known: PairMemory = Object.assign({}, ...events.map(pairMemory));
  return initialPairState(pair, vip, [host(names[0]), host(names[1])], now, known);
}

function hostMemory(event: StoredEvent): HostMemory {
  if (event.kind === 'ConfigDrift') {
    const files = event.data['files'];
    return fits(DRIFTS, files) ? { drift: files } : {};
  }
  if (event.kind !== 'RoleChanged') return OF_HOST[event.kind] ?? {};
  const role = event.data['to'];
  return role === 'primary' || role === 'standby' ? { role } : {};
}

function pairMemory(event: StoredEvent): PairMemory {
  if (event.kind === 'ProtectionLost') return { protection: { mode: 'solo', since: event.time } };
  if (event.kind === 'ProtectionRestored') return { protection: { mode: 'sync', since: event.time } };
  if (event.kind !== 'VipMoved') return OF_PAIR[event.kind] ?? {};
  const holder = event.data['to'];
  return typeof holder === 'string' ? { holder } : {};
}
