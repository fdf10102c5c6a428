/**
 * One vote: what a voter answers to a request. The guards' own votes and the witness decide by this same function.
 *
 * Invariants:
 * - what an answer rests on is durable before the answer leaves (`persist` comes with it);
 * - a promise is never taken back: a lower ballot, or the same ballot of another node, is refused for ever;
 * - no promise is given to a node while a lease that was granted to the other one may be valid, unless its holder
 *   released that very lease;
 * - a voter that started a moment ago forgot what it granted, so it is mute about new holders for as long as a grant lasts.
 */

import type { Message } from './effects.ts';
import type { Ballot, Refusal, Stamp, VoteAnswer, VoteRequest } from './messages.ts';
import type { PairRecord } from './record.ts';
import type { Timing } from './timing.ts';
import type { NodeId, VoterId } from './weights.ts';

/** Survives a restart: written and synced before any answer that depends on it. */
export interface Ledger {
  readonly promised: Ballot;
  readonly record: PairRecord;
}

export interface Grant {
  readonly holder: NodeId;
  readonly stamp: Stamp;
  readonly until: number;
}

export interface Voter {
  readonly id: VoterId;
  readonly ledger: Ledger;
  readonly grant: Grant | null;
  readonly muteUntil: number;
}

export interface Vote {
  readonly voter: Voter;
  readonly answer: VoteAnswer | null;
  /** The ledger changed: it must be on disk before the answer is sent. */
  readonly persist: boolean;
}

export function firstLedger(record: PairRecord): Ledger {
  return { promised: { epoch: record.epoch, by: record.primary }, record };
}

export function startVoter(id: VoterId, ledger: Ledger, now: number, timing: Timing): Voter {
  return { id, ledger, grant: null, muteUntil: now + timing.promiseMs };
}

export function answerRequest(voter: Voter, request: VoteRequest, now: number, timing: Timing): Vote {
  switch (request.kind) {
    case 'prepare':
      return prepare(voter, request, now);
    case 'accept':
      return accept(voter, request);
    case 'renew':
      return renew(voter, request, now, timing);
    case 'release':
      return { voter: release(voter, request.by, request.stamp), answer: null, persist: false };
    case 'query':
      return { voter, answer: { kind: 'state', ...standing(voter) }, persist: false };
  }
}

/**
 * A witness without a ledger: new, or its disk was lost. It may have promised and accepted what it does not know, so it
 * does not vote. It joins with a record that gives it no vote and whose ballot began after the loss: a majority without it
 * decided that, so whatever it forgot is either part of the record or was outbid.
 */
export function amnesiacWitness(
  memory: number,
  request: VoteRequest,
  now: number,
  timing: Timing,
): { readonly vote: Vote } | { readonly forgot: Message & { kind: 'forgot' } } {
  if (request.kind === 'renew' && joins(memory, request)) {
    const { by, record } = request;
    const ledger: Ledger = { promised: { epoch: record.epoch, by }, record };
    return {
      vote: { ...answerRequest(startVoter('W', ledger, now, timing), request, now, timing), persist: true },
    };
  }
  return { forgot: { kind: 'forgot', memory } };
}

function joins(memory: number, { by, record, forgot }: VoteRequest & { kind: 'renew' }): boolean {
  if (record.primary !== by || record.weights.W !== 0) return false;
  return forgot !== null && forgot.memory === memory && record.epoch > forgot.before;
}

function prepare(voter: Voter, { by, epoch }: Ballot, now: number): Vote {
  const { promised, record } = voter.ledger;
  const repeated = promised.epoch === epoch && promised.by === by && record.epoch < epoch;
  if (!repeated && epoch <= promised.epoch) return refuse(voter, 'prepare', 'outbid');
  if (voter.grant !== null && voter.grant.holder !== by && now < voter.grant.until)
    return refuse(voter, 'prepare', 'lease-fresh');
  if (now < voter.muteUntil && record.primary !== by) return refuse(voter, 'prepare', 'mute');
  const next = { ...voter, ledger: { ...voter.ledger, promised: { epoch, by } } };
  return { voter: next, answer: { kind: 'promise', epoch, ...standing(next) }, persist: !repeated };
}

function accept(voter: Voter, { by, epoch, record }: Ballot & { record: PairRecord }): Vote {
  const { promised } = voter.ledger;
  const outbid = epoch < promised.epoch || (epoch === promised.epoch && by !== promised.by);
  if (outbid || record.epoch !== epoch) return refuse(voter, 'accept', 'outbid');
  const next = { ...voter, ledger: { promised: { epoch, by }, record } };
  const persist = voter.ledger.record.epoch !== epoch;
  return { voter: next, answer: { kind: 'accepted', epoch, ...standing(next) }, persist };
}

/** A holder shows the record it holds the lease for; a majority accepted it, so a voter that missed it learns it. */
function renew(voter: Voter, request: VoteRequest & { kind: 'renew' }, now: number, timing: Timing): Vote {
  const { by, stamp, record } = request;
  const { promised } = voter.ledger;
  if (promised.by !== by && promised.epoch > record.epoch) return refuse(voter, 'renew', 'outbid');
  const learns = record.epoch > voter.ledger.record.epoch && record.epoch >= promised.epoch;
  const ledger = learns ? { promised: { epoch: record.epoch, by }, record } : voter.ledger;
  if (ledger.record.primary !== by || record.primary !== by) return refuse(voter, 'renew', 'not-primary');
  if (voter.grant !== null && voter.grant.holder !== by && now < voter.grant.until)
    return refuse(voter, 'renew', 'lease-fresh');
  // Stamps count the requests of one node: those of the other one say nothing about its order.
  const before = voter.grant?.holder === by ? voter.grant : null;
  const until = Math.max(now + timing.promiseMs, before?.until ?? 0);
  const newest = before !== null && isOlder(stamp, before.stamp) ? before.stamp : stamp;
  const next = { ...voter, ledger, grant: { holder: by, stamp: newest, until } };
  return { voter: next, answer: { kind: 'granted', stamp, ...standing(next) }, persist: learns };
}

/** Only the run of the guard that got the grant can release it, and only after its last request: late copies do nothing. */
function release(voter: Voter, by: NodeId, stamp: Stamp): Voter {
  const { grant } = voter;
  if (grant === null || grant.holder !== by) return voter;
  if (grant.stamp.boot !== stamp.boot || stamp.seq < grant.stamp.seq) return voter;
  return { ...voter, grant: null };
}

function isOlder(a: Stamp, b: Stamp): boolean {
  return a.boot === b.boot && a.seq < b.seq;
}

function standing({ id, ledger }: Voter): { from: VoterId; record: PairRecord; promised: Ballot } {
  return { from: id, record: ledger.record, promised: ledger.promised };
}

function refuse(voter: Voter, request: VoteRequest['kind'], why: Refusal): Vote {
  return { voter, answer: { kind: 'refused', why, request, ...standing(voter) }, persist: false };
}
