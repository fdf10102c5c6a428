/**
 * The picture of a pair: what is drawn of two hosts, the witness, the links between them, the VIP and the replication.
 * Pure. What is not known is drawn as unknown, never as well.
 */

import type { HostView, PairDetail } from '../../../shared/api/pair-view.ts';

/** idle: nothing goes over it now, as between a standby and the witness. */
export type LinkState = 'up' | 'one-way' | 'down' | 'unknown' | 'idle';
export type HostRole = 'primary' | 'standby' | 'changing' | 'maintenance' | 'down' | 'silent' | 'unknown';
export type FlowState = 'flows' | 'lags' | 'broken' | 'unknown';

export interface HostPicture {
  readonly name: string;
  readonly address: string;
  readonly role: HostRole;
  /** State of docs/pair.md. */
  readonly phase: string | null;
  readonly server: 'up' | 'down' | 'unknown';
  /** Weight of its vote. */
  readonly vote: number | null;
  /** What is left of its lease, 0 to 1; null where it has none. */
  readonly lease: number | null;
}

export interface PairPicture {
  readonly hosts: readonly [HostPicture, HostPicture];
  readonly witnessVote: number | null;
  /** Between the hosts, and between each of them and the witness. */
  readonly links: { readonly hosts: LinkState; readonly witness: readonly [LinkState, LinkState] };
  readonly vip: { readonly address: string; readonly on: readonly [boolean, boolean] };
  /** From the primary to the other host; null while there is no primary. */
  readonly flow: { readonly from: 0 | 1; readonly state: FlowState } | null;
  readonly mode: 'sync' | 'solo' | null;
}

/** Of a lease that is full; see shared/pair/timing.ts. */
const LEASE_MS = 700;

export function pictureOf(pair: PairDetail): PairPicture {
  const [a, b] = pair.hosts;
  const link = (from: string, to: string): boolean | null =>
    pair.links.find((one) => one.from === from && one.to === to)?.up ?? null;
  const vote = (voter: string): number | null =>
    pair.votes.find((one) => one.voter === voter)?.weight ?? null;
  const from = a.name === pair.primary ? 0 : b.name === pair.primary ? 1 : null;
  return {
    hosts: [hostPicture(a, vote(a.name)), hostPicture(b, vote(b.name))],
    witnessVote: vote('witness'),
    links: {
      hosts: bothWays(link(a.name, b.name), link(b.name, a.name)),
      witness: [toWitness(a, link(a.name, 'witness')), toWitness(b, link(b.name, 'witness'))],
    },
    vip: { address: pair.vip.replace(/\/\d+$/, ''), on: vipOn(pair) },
    flow: from === null ? null : { from, state: flowState(from === 0 ? b : a) },
    mode: pair.mode,
  };
}

function hostPicture(host: HostView, vote: number | null): HostPicture {
  const { name, address, guard, reachable, heardMsAgo } = host;
  const leased = guard?.leased === true && guard.leaseMarginMs !== null;
  return {
    ...{ name, address, phase: reachable ? (guard?.phase ?? null) : null, vote, role: roleOf(host) },
    server: reachable && heardMsAgo !== null ? host.server : 'unknown',
    lease: leased && reachable ? Math.min(1, Math.max(0, (guard.leaseMarginMs ?? 0) / LEASE_MS)) : null,
  };
}

/** What the host is now; its guard's word counts before the role that its server was seen in. */
export function roleOf({ guard, reachable, heardMsAgo, role, server }: HostView): HostRole {
  if (!reachable) return heardMsAgo === null ? 'unknown' : 'silent';
  if (guard?.role === 'maintenance') return 'maintenance';
  if (guard?.role === 'promoting' || guard?.role === 'demoting') return 'changing';
  if (guard?.role === 'primary' || guard?.role === 'standby') return guard.role;
  if (guard?.role === 'down' || server === 'down') return 'down';
  return role ?? 'unknown';
}

/** Two hosts have it only where both were seen with it for long enough, which the daemon judges. */
function vipOn(pair: PairDetail): readonly [boolean, boolean] {
  if (pair.vipDuplicated) return [true, true];
  const on = (index: 0 | 1): boolean => !pair.vipMissing && pair.vipHolder === pair.hosts[index].name;
  return [on(0), on(1)];
}

function flowState({ reachable, server, replication: { condition } }: HostView): FlowState {
  if (!reachable) return 'unknown';
  if (server === 'down') return 'broken';
  if (condition === null) return 'unknown';
  return condition === 'healthy' ? 'flows' : condition === 'lagging' ? 'lags' : 'broken';
}

/** A standby asks the witness when it votes, so that nothing is known of the link meanwhile. */
function toWitness({ reachable, guard }: HostView, up: boolean | null): LinkState {
  if (up !== null) return up ? 'up' : 'down';
  return reachable && guard?.leased === false ? 'idle' : 'unknown';
}

function bothWays(there: boolean | null, back: boolean | null): LinkState {
  const known = [there, back].filter((up) => up !== null);
  if (known.length === 0) return 'unknown';
  if (known.every((up) => up)) return 'up';
  return known.some((up) => up) ? 'one-way' : 'down';
}
