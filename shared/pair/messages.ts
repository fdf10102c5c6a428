/** What the voters say to each other. A request may be lost, doubled, late or overtaken: every answer is safe to repeat. */

import type { PairRecord } from './record.ts';
import type { NodeId, VoterId } from './weights.ts';

/** One run of one guard process (a later run has a higher number), and the number of the message in it. */
export interface Stamp {
  readonly boot: number;
  readonly seq: number;
}

/** A numbered attempt of one node to change the record. */
export interface Ballot {
  readonly epoch: number;
  readonly by: NodeId;
}

/**
 * What a holder tells a witness that lost its ledger: which of its lives the holder heard of, and the highest ballot that the
 * holder knew then. A record with a higher epoch was begun after the loss.
 */
export interface Amnesia {
  readonly memory: number;
  readonly before: number;
}

/** A planned end of serving: in this epoch the node has committed up to this position, and will commit nothing more. */
export interface Handover {
  readonly epoch: number;
  readonly position: number;
}

export type VoteRequest =
  | { readonly kind: 'prepare'; readonly by: NodeId; readonly epoch: number }
  | { readonly kind: 'accept'; readonly by: NodeId; readonly epoch: number; readonly record: PairRecord }
  | {
      readonly kind: 'renew';
      readonly by: NodeId;
      readonly stamp: Stamp;
      readonly record: PairRecord;
      readonly forgot: Amnesia | null;
    }
  | {
      readonly kind: 'release';
      readonly by: NodeId;
      readonly stamp: Stamp;
      readonly handover: Handover | null;
    }
  | { readonly kind: 'query'; readonly by: NodeId };

export type VoteAnswer = {
  readonly from: VoterId;
  readonly record: PairRecord;
  readonly promised: Ballot;
} & (
  | { readonly kind: 'promise'; readonly epoch: number }
  | { readonly kind: 'accepted'; readonly epoch: number }
  | { readonly kind: 'granted'; readonly stamp: Stamp }
  | { readonly kind: 'refused'; readonly why: Refusal; readonly request: VoteRequest['kind'] }
  | { readonly kind: 'state' }
);

export type Refusal =
  /** A higher ballot was promised. */
  | 'outbid'
  /** The primary's lease may still be valid. */
  | 'lease-fresh'
  /** This voter started a moment ago and does not know what it had granted. */
  | 'mute'
  /** The record says another primary. */
  | 'not-primary';
