/**
 * The holder's side of the lease. Validity counts from the moment a request was sent, never from when its answer came:
 * the answer may have been on its way for any time, and the grantor's promise began before it left.
 */

import type { Stamp } from './messages.ts';
import type { Timing } from './timing.ts';
import { isQuorum, VOTERS, type VoterId, type Weights } from './weights.ts';

export interface HeldLease {
  readonly stamp: Stamp;
  /** When the request with this number was sent. Only young ones are kept. */
  readonly sent: readonly { readonly seq: number; readonly at: number }[];
  /** When the newest request that this voter granted was sent. */
  readonly granted: Readonly<Partial<Record<VoterId, number>>>;
}

export function noLease(boot: number): HeldLease {
  return { stamp: { boot, seq: 0 }, sent: [], granted: {} };
}

/** The next request's stamp. `now` is read before the request is sent. */
export function nextRenewal(lease: HeldLease, now: number, timing: Timing): HeldLease {
  const seq = lease.stamp.seq + 1;
  const young = lease.sent.filter(({ at }) => now - at < timing.leaseMs);
  return { ...lease, stamp: { ...lease.stamp, seq }, sent: [...young, { seq, at: now }] };
}

/** `_now` is when the answer came: it never counts. */
export function withGrant(lease: HeldLease, from: VoterId, stamp: Stamp, _now?: number): HeldLease {
  if (stamp.boot !== lease.stamp.boot) return lease;
  const request = lease.sent.find(({ seq }) => seq === stamp.seq);
  if (request === undefined || request.at <= (lease.granted[from] ?? Number.NEGATIVE_INFINITY)) return lease;
  return { ...lease, granted: { ...lease.granted, [from]: request.at } };
}

/** Gives the lease up: no answer to an earlier request counts any more. */
export function dropLease(lease: HeldLease): HeldLease {
  const seq = lease.stamp.seq + 1;
  return { stamp: { ...lease.stamp, seq }, sent: [], granted: {} };
}

/** Until when the lease is valid on the holder's own clock: the oldest request of the best majority, plus L. */
export function validUntil(lease: HeldLease, distributions: readonly Weights[], timing: Timing): number {
  const votes = VOTERS.flatMap((voter) => {
    const at = lease.granted[voter];
    return at === undefined ? [] : [{ voter, at }];
  }).toSorted((a, b) => b.at - a.at);
  for (let count = 1; count <= votes.length; count++) {
    const best = votes.slice(0, count);
    const oldest = best.at(-1);
    if (
      oldest !== undefined &&
      isQuorum(
        best.map(({ voter }) => voter),
        ...distributions,
      )
    )
      return oldest.at + timing.leaseMs;
  }
  return Number.NEGATIVE_INFINITY;
}
