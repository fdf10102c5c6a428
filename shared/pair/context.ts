/** What a row of the table sees, and what it may ask for. */

import type { Effect } from './effects.ts';
import { validUntil } from './lease.ts';
import type { NodeFacts, NodeState, Phase } from './node-state.ts';
import { type Purpose, promisedRecord } from './proposal.ts';
import type { PairRecord } from './record.ts';
import type { Timing } from './timing.ts';
import { peerOf } from './weights.ts';

export interface Context {
  readonly s: NodeState;
  readonly f: NodeFacts;
  readonly now: number;
  readonly timing: Timing;
  readonly protection: Protection;
  readonly leaseValid: boolean;
  /** This node, or the peer, is the primary of the newest decision known. */
  readonly mine: boolean;
  readonly theirs: boolean;
  /** The decision known is the newest record that the own vote accepted, and no ballot is under way. */
  readonly settled: boolean;
  /** The record that the promises of the ballot under way show. */
  readonly promised: PairRecord | null;
  readonly peerFresh: boolean;
  readonly peerReady: boolean;
}

/** availability: a primary that lost its standby goes on alone. consistency: it waits, unless an operator says so. */
export type Protection = 'availability' | 'consistency';

export interface Outcome {
  readonly to?: Phase;
  readonly patch?: Partial<NodeState>;
  readonly effects?: readonly Effect[];
  /** Begin a ballot, or ask the voters of the present one to accept. */
  readonly propose?: Purpose;
  readonly ask?: PairRecord;
  readonly abort?: true;
  /** Tell the peer at once how things are. */
  readonly beat?: true;
  /** Give the lease up, after the effects. */
  readonly release?: true;
}

export function contextOf(
  s: NodeState,
  f: NodeFacts,
  now: number,
  { timing, protection }: { readonly timing: Timing; readonly protection: Protection },
): Context {
  const peerFresh = s.peer !== null && now - s.peer.at < timing.soloMs;
  return {
    s,
    f,
    now,
    timing,
    protection,
    leaseValid: leaseUntil(s, timing) > now,
    mine: s.decided?.primary === s.id,
    theirs: s.decided?.primary === peerOf(s.id),
    settled: s.proposal === null && s.decided?.epoch === s.voter.ledger.record.epoch,
    promised: s.proposal === null ? null : promisedRecord(s.proposal),
    peerFresh,
    peerReady: isReady(s, now, timing),
  };
}

/** While weights change, a lease needs a majority under the old and under the new ones. */
export function leaseUntil(s: NodeState, timing: Timing): number {
  if (s.decided === null || s.decided.primary !== s.id) return Number.NEGATIVE_INFINITY;
  return validUntil(s.lease, [s.decided.weights, s.voter.ledger.record.weights], timing);
}

/**
 * A node whose server just died leaves the field to the standby for a moment: no lease and no ballot of its own.
 * The same as long as its server is held down. Facts are null where they were not read.
 */
export function mayClaim(s: NodeState, f: NodeFacts | null, now: number, timing: Timing): boolean {
  if (s.phase === 'PRIMARY_SYNC' || s.phase === 'PRIMARY_SOLO' || s.phase === 'PROMOTING') return true;
  if (s.phase === 'DRAINING') return s.handedOver === null;
  if (s.order !== null && s.order.kind !== 'solo') return false;
  if (s.phase !== 'INIT' && s.phase !== 'FENCED') return false;
  if (f?.server === 'down' && f.held) return false;
  if (f?.server === 'up' || s.seen.mode === 'solo') return true;
  const waited = now - s.enteredAt;
  return waited >= timing.handoverMs && (waited < timing.startMs || !isReady(s, now, timing));
}

/** The peer was heard lately, and is promotable. */
function isReady(s: NodeState, now: number, timing: Timing): boolean {
  return s.peer?.beat.promotable === true && now - s.peer.at < timing.soloMs;
}

/** A message changed something that the table goes by. */
export function callsForLook(before: NodeState, after: NodeState): boolean {
  return (
    before.decided !== after.decided ||
    before.proposal !== after.proposal ||
    before.seen !== after.seen ||
    (before.primaryAt !== null && after.primaryAt === null) ||
    before.peer?.beat.promotable !== after.peer?.beat.promotable ||
    before.peer?.beat.leaving !== after.peer?.beat.leaving
  );
}

/** The node waits for something that nobody tells it: the loop looks again after a few milliseconds. */
export function looksAgainSoon(s: NodeState): boolean {
  if (s.phase === 'DRAINING') return true;
  if (s.phase === 'PROMOTING') return s.proposal?.asked === null && promisedRecord(s.proposal) !== null;
  return s.phase === 'STANDBY_READY' && s.peer?.beat.leaving === true;
}

/** What can be told of the applied: nothing that is only a guess. */
export function appliedOf(f: NodeFacts): number {
  return f.server === 'up' ? f.applied : 0;
}
