/**
 * The pair's durable record: who is primary, and whether its commits wait for the standby. It changes only by a ballot
 * (proposal.ts) that a majority accepts; its epoch is the number of that ballot.
 */

import { type NodeId, peerOf, sameWeights, survivorWeights, type Weights } from './weights.ts';

/** sync: each acknowledged commit is on the standby too. solo: the primary alone has it, nobody may take over. */
export type Mode = 'sync' | 'solo';

export interface PairRecord {
  readonly epoch: number;
  readonly primary: NodeId;
  readonly mode: Mode;
  /** Epoch in which this primary took over from the other node. */
  readonly since: number;
  /** How it took over: out of SYNC without the other's help, planned with nothing left behind, or by an operator's force. */
  readonly takenOver: 'never' | 'crash' | 'planned' | 'forced';
  readonly weights: Weights;
  /**
   * The weights before `weights`, from the ballot that changes them until one that begins when this change is known to
   * be decided. Meanwhile a majority is one under both: who has not accepted the change goes by these alone. (The joint
   * configuration of Raft, section 6 of its paper.)
   */
  readonly formerWeights: Weights | null;
}

/** A pair that was just founded has no witness yet: it joins when it was heard. */
export function firstRecord(primary: NodeId): PairRecord {
  return {
    epoch: 1,
    primary,
    mode: 'solo',
    since: 1,
    takenOver: 'never',
    weights: survivorWeights(primary),
    formerWeights: null,
  };
}

/** What a majority is under this record: a majority under each of these. */
export function distributionsOf({ weights, formerWeights }: PairRecord): readonly Weights[] {
  return formerWeights === null ? [weights] : [weights, formerWeights];
}

/** The record with other weights. A change that may not be decided has to be before there is another. */
export function withWeights(record: PairRecord, weights: Weights): PairRecord {
  if (record.formerWeights !== null || sameWeights(record.weights, weights)) return record;
  return { ...record, weights, formerWeights: record.weights };
}

/** For the record after one that is known to be decided. */
export function withSettledWeights(record: PairRecord): PairRecord {
  return { ...record, formerWeights: null };
}

export function withMode(record: PairRecord, mode: Mode): PairRecord {
  return { ...record, mode };
}

/** The record of a node that takes over: alone until the other one is back. Null when it may not: SOLO is not for taking. */
export function takeOver(record: PairRecord, node: NodeId, epoch: number): PairRecord | null {
  if (record.primary !== peerOf(node) || record.mode !== 'sync') return null;
  return { ...record, primary: node, mode: 'solo', since: epoch, takenOver: 'crash' };
}

/**
 * Rule R2: whether a server may start as a former primary (--init-rpl-role=SLAVE), which drops the commits that the
 * standby never confirmed. `servedEpoch` is the last epoch in which this node served and after which it has not been
 * verified against a primary; null when there is none. Everywhere else that start loses acknowledged commits.
 */
export function mayTruncate(record: PairRecord, node: NodeId, servedEpoch: number | null): boolean {
  if (record.primary === node || record.takenOver !== 'crash') return false;
  return servedEpoch !== null && servedEpoch < record.since;
}
