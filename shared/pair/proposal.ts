/**
 * A change of the record, from ballot to decision: PREPARE until a majority promised, then ACCEPT until a majority
 * accepted. The newest record that the promises show is what the change starts from; it may already be decided.
 *
 * Invariants:
 * - one node asks for one record in one ballot, and its own vote is durable before the others are asked to accept;
 * - a majority is one under the weights of the newest record seen, and of the proposed one; while the newest may change
 *   the weights, under those before it as well.
 */

import type { VoteAnswer, VoteRequest } from './messages.ts';
import { distributionsOf, type PairRecord } from './record.ts';
import { isQuorum, type NodeId, VOTERS, type VoterId } from './weights.ts';

export type Purpose = 'promote' | 'solo' | 'sync' | 'reaffirm' | 'weights';

export interface Proposal {
  readonly by: NodeId;
  readonly purpose: Purpose;
  readonly epoch: number;
  readonly startedAt: number;
  readonly promises: Readonly<Partial<Record<VoterId, PairRecord>>>;
  /** What the voters are asked to accept; null while they are asked to promise. */
  readonly asked: PairRecord | null;
  readonly accepted: readonly VoterId[];
  readonly refused: boolean;
}

export function propose(by: NodeId, purpose: Purpose, epoch: number, now: number): Proposal {
  const empty = { promises: {}, asked: null, accepted: [], refused: false };
  return { by, purpose, epoch, startedAt: now, ...empty };
}

export function requestOf({ by, epoch, asked }: Proposal): VoteRequest {
  return asked === null ? { kind: 'prepare', by, epoch } : { kind: 'accept', by, epoch, record: asked };
}

export function ask(proposal: Proposal, record: PairRecord): Proposal {
  return { ...proposal, asked: { ...record, epoch: proposal.epoch } };
}

export function withAnswer(proposal: Proposal, answer: VoteAnswer): Proposal {
  const { epoch } = proposal;
  if (answer.kind === 'promise' && answer.epoch === epoch)
    return { ...proposal, promises: { ...proposal.promises, [answer.from]: answer.record } };
  if (answer.kind === 'accepted' && answer.epoch === epoch && !proposal.accepted.includes(answer.from))
    return { ...proposal, accepted: [...proposal.accepted, answer.from] };
  return isOutbid(proposal, answer) ? { ...proposal, refused: true } : proposal;
}

function isOutbid({ epoch, by }: Proposal, { kind, promised }: VoteAnswer): boolean {
  return kind === 'refused' && (promised.epoch > epoch || (promised.epoch === epoch && promised.by !== by));
}

/** The newest record among the promises, once they are a majority under it; null before. */
export function promisedRecord(proposal: Proposal): PairRecord | null {
  const records = VOTERS.flatMap((voter) => proposal.promises[voter] ?? []);
  const newest = records.toSorted((a, b) => b.epoch - a.epoch)[0];
  if (newest === undefined) return null;
  const voters = VOTERS.filter((voter) => proposal.promises[voter] !== undefined);
  return isQuorum(voters, ...distributionsOf(newest)) ? newest : null;
}

/** The record that a majority accepted; null before. */
export function decidedRecord(proposal: Proposal): PairRecord | null {
  const before = promisedRecord(proposal);
  if (proposal.asked === null || before === null) return null;
  const distributions = [...distributionsOf(before), ...distributionsOf(proposal.asked)];
  return isQuorum(proposal.accepted, ...distributions) ? proposal.asked : null;
}
