/** Answers to questions about a pair, from its picture. Pure. */

import { gtidDifference } from '../watch/gtid.ts';
import type { HostState } from '../watch/host-state.ts';
import { newestRecord } from '../watch/newest-record.ts';
import type { PairState } from '../watch/pair-state.ts';

/** GTID domain of the pair's own stream; hotpair's rows on a standby have domains of their own. */
const PAIR_DOMAIN = 0;

/** The host that clients are served by: it has the VIP, alone, and takes writes. */
export function servingHost(state: PairState): HostState | null {
  if (state.missing || state.duplicated) return null;
  const holder = state.hosts.find((host) => host.name === state.holder);
  const serves = holder?.reachable === true && holder.vip !== null && holder.writable !== null;
  return serves ? holder : null;
}

/** SYNC or SOLO by the newest record that a guard tells of now; null while none does. */
export function modeOf(state: PairState): 'sync' | 'solo' | null {
  return newestRecord(state.hosts)?.voting.mode ?? null;
}

/** The host that is primary: the one that serves, or whose guard says so, or else the recorded one. */
export function primaryOf(state: PairState): HostState | null {
  const answering = state.hosts.filter(({ reachable }) => reachable);
  const recorded = newestRecord(state.hosts)?.voting.primary ?? null;
  return (
    servingHost(state) ??
    answering.find(({ heartbeat }) => heartbeat?.guard?.role === 'primary') ??
    answering.find(({ name }) => name === recorded) ??
    null
  );
}

/** Transactions that the standby has not yet written to its own log; null where one of both does not say. */
export function positionGap(state: PairState): number | null {
  const primary = primaryOf(state);
  const standby = state.hosts.find((host) => host !== primary);
  if (primary === null || standby === undefined) return null;
  const [own, other] = [primary, standby].map(({ name, reachable, heartbeat }) =>
    reachable && heartbeat?.database.up === true
      ? { name, position: heartbeat.database.gtidBinlogPos }
      : null,
  );
  if (own == null || other == null) return null;
  const behind = gtidDifference(own, other).find(
    ({ domain, ahead }) => domain === PAIR_DOMAIN && ahead === own.name,
  );
  return behind?.by ?? 0;
}
