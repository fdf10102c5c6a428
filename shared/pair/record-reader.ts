/** Reads the pair's record and what belongs to it, whether it comes from another voter or from a file. */

import type { Ballot } from './messages.ts';
import type { PairRecord } from './record.ts';
import { integer, object, orNull, type Read, refused, word } from './strict-reader.ts';
import type { NodeId, VoterId, Weights } from './weights.ts';

export const count = integer(0);
export const node = word<NodeId>({ A: true, B: true });
export const voter = word<VoterId>({ A: true, B: true, W: true });
const weight = integer(0, 9);
export const ballot = object<Ballot>({ epoch: count, by: node });

const weights: Read<Weights> = (value, at) => {
  const read = object<Weights>({ A: weight, B: weight, W: weight })(value, at);
  if (read.A + read.B + read.W === 0) throw refused(at, 'gives nobody a vote');
  return read;
};

const takenOver = word<PairRecord['takenOver']>({ never: true, crash: true, planned: true, forced: true });

export const record: Read<PairRecord> = (value, at) => {
  const read = object<PairRecord>({
    epoch: count,
    primary: node,
    mode: word<PairRecord['mode']>({ sync: true, solo: true }),
    since: count,
    takenOver,
    weights,
    formerWeights: orNull(weights),
  })(value, at);
  if (read.since > read.epoch) throw refused(at, 'began after itself');
  return read;
};
