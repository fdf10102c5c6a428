/** How a pair without any record gets its first one. */

import type { Stamp } from './messages.ts';
import type { PairRecord } from './record.ts';
import type { NodeId } from './weights.ts';

/** What a node has to say about the pair's record. */
export type Standing =
  /** It has none; positions are GTID positions of the own binlog. */
  | {
      readonly kind: 'empty';
      readonly serverUp: boolean;
      readonly writable: boolean;
      readonly position: string;
    }
  /** settled: a majority has decided it, and this node accepted nothing newer. */
  | { readonly kind: 'record'; readonly record: PairRecord; readonly settled: boolean };

/** `turn` numbers the tells of one run of an empty node: a proposal counts only for the newest of them. */
export type FoundingMessage =
  | { readonly kind: 'found-ask'; readonly by: NodeId; readonly stamp: Stamp; readonly position: string }
  | {
      readonly kind: 'found-tell';
      readonly by: NodeId;
      /** The ask that is answered. */
      readonly to: Stamp;
      readonly turn: Stamp;
      readonly standing: Standing;
    }
  | {
      readonly kind: 'found-propose';
      readonly by: NodeId;
      readonly turn: Stamp;
      readonly record: PairRecord;
    };
