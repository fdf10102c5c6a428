/**
 * The picture of one pair, kept up to date by heartbeats and by the clock. Pure; times are ms on the coordinator's
 * clock. Invariants: two holders (or two writers) are claimed only when both were seen over a common stretch of time,
 * because heartbeats of two hosts are never taken at the same moment; a missing VIP only after MISSING_AFTER_MS,
 * because every failover has a moment without a holder.
 */

import type { Heartbeat } from '../../shared/model/facts.ts';
import { type HostState, hearHost, type Stretch, serviceOf, tickHost } from './host-state.ts';
import { newestRecord } from './newest-record.ts';

export interface PairState {
  readonly pair: string;
  readonly vip: string;
  readonly time: number;
  readonly hosts: readonly [HostState, HostState];
  /** hotpair is on at least one host: an empty host has no VIP and no server to miss. */
  readonly deployed: boolean;
  /** Host that was last seen with the VIP; stays with the earlier one while both show it. */
  readonly holder: string | null;
  /** Since when no host has been seen with the VIP. */
  readonly vacantSince: number | null;
  readonly missing: boolean;
  readonly duplicated: boolean;
  readonly twoWriters: boolean;
  /** SYNC or SOLO by the newest record that was ever told of, and since when; null before the first. */
  readonly protection: { readonly mode: 'sync' | 'solo'; readonly since: number } | null;
}

export const MISSING_AFTER_MS = 3000;
const OVERLAP_MS = 500;
const FRESH_MS = 1500;

export function initialPairState(
  pair: string,
  vip: string,
  hosts: readonly [HostState, HostState],
  now: number,
  known: Partial<PairState> = {},
): PairState {
  return {
    ...{ pair, vip, time: now, hosts, deployed: false, holder: null, vacantSince: null },
    ...{ missing: false, duplicated: false, twoWriters: false, protection: null, ...known },
  };
}

export function hearPair(state: PairState, host: string, heartbeat: Heartbeat, now: number): PairState {
  const [a, b] = state.hosts;
  const hear = (one: HostState): HostState =>
    tickHost(one.name === host ? hearHost(one, heartbeat, state.vip, now) : one, now);
  return judge(state, [hear(a), hear(b)], now);
}

/** Hosts that nobody has dialled yet: their silence is the coordinator's own, and begins when their turn comes. */
export function awaitTurn(state: PairState, names: ReadonlySet<string>, now: number): PairState {
  const [a, b] = state.hosts;
  const wait = (host: HostState): HostState => (names.has(host.name) ? { ...host, heardAt: now } : host);
  return { ...state, hosts: [wait(a), wait(b)] };
}

export function tickPair(state: PairState, now: number): PairState {
  const [a, b] = state.hosts;
  return judge(state, [tickHost(a, now), tickHost(b, now)], now);
}

/** Nothing differs but the time, so that there is nothing to tell. */
export function isUnchanged(before: PairState, after: PairState): boolean {
  return (
    before.hosts.every((host, index) => host === after.hosts[index]) &&
    before.deployed === after.deployed &&
    before.holder === after.holder &&
    before.missing === after.missing &&
    before.duplicated === after.duplicated &&
    before.twoWriters === after.twoWriters
  );
}

function judge(before: PairState, hosts: readonly [HostState, HostState], now: number): PairState {
  const [a, b] = hosts;
  const holders = currentHolders(hosts, now);
  const deployed = before.deployed || hosts.some(isDeployed);
  // Nobody has said anything yet, or nobody can: that is not an absence of the VIP.
  const heard = hosts.some((host) => host.reachable && host.heartbeat !== null);
  const accounted = holders.length > 0 || !heard || isVouchedFor(before.holder, hosts);
  const vacantSince = accounted ? null : (before.vacantSince ?? now);
  return {
    ...{ pair: before.pair, vip: before.vip, time: now, hosts, deployed, vacantSince },
    holder: holderOf(before, holders),
    missing: heard
      ? deployed && vacantSince !== null && now - vacantSince >= MISSING_AFTER_MS
      : before.missing,
    duplicated: together(hosts, a.vip, b.vip, before.duplicated, now),
    twoWriters: together(hosts, a.writable, b.writable, before.twoWriters, now),
    protection: nextProtection(before.protection, hosts, now),
  };
}

function nextProtection(before: PairState['protection'], hosts: readonly HostState[], now: number) {
  const mode = newestRecord(hosts)?.voting.mode ?? null;
  return mode === null || mode === before?.mode ? before : { mode, since: now };
}

/** The agent of the holder is silent, but the other host still receives its server's changes: only the agent is gone. */
function isVouchedFor(holder: string | null, hosts: readonly HostState[]): boolean {
  const silent = hosts.find((host) => host.name === holder && !host.reachable);
  const peer = hosts.find((host) => host.name !== holder && host.reachable);
  return silent !== undefined && peer?.heartbeat?.database.channel?.ioRunning === 'Yes';
}

/** Of two hosts that showed the VIP, one whose next heartbeat is overdue no longer counts. */
function currentHolders(hosts: readonly HostState[], now: number): HostState[] {
  const holders = hosts.filter((host) => host.vip !== null);
  if (holders.length < 2) return holders;
  const fresh = holders.filter((host) => now - (host.vip?.last ?? 0) < FRESH_MS);
  return fresh.length === 0 ? holders : fresh;
}

function holderOf(before: PairState, holders: readonly HostState[]): string | null {
  if (holders.some((host) => host.name === before.holder)) return before.holder;
  return holders[0]?.name ?? before.holder;
}

function together(
  hosts: readonly HostState[],
  a: Stretch | null,
  b: Stretch | null,
  before: boolean,
  now: number,
): boolean {
  if (hosts.some((host) => host.heartbeat === null)) return before;
  if (a === null || b === null) return false;
  const overlap = Math.min(a.last, b.last) - Math.max(a.first, b.first);
  return overlap >= OVERLAP_MS && (before || now - Math.min(a.last, b.last) < FRESH_MS);
}

function isDeployed(host: HostState): boolean {
  if (host.heartbeat === null) return false;
  const unit = serviceOf(host.heartbeat, 'hotpair-guard.service');
  return host.heartbeat.guard !== null || (unit !== undefined && unit.active !== 'absent');
}
