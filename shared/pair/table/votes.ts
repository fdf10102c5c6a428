/** Who has how many votes: the witness loses its vote while it is away, and gets it back. */

import { EQUAL_WEIGHTS, sameWeights } from '../weights.ts';
import {
  canBallot,
  peerForgot,
  withoutWitness,
  witnessAway,
  witnessBack,
  witnessJoins,
} from './conditions.ts';
import { PRIMARY, type Row } from './row.ts';

export const VOTES: readonly Row[] = [
  {
    id: 'W5',
    from: PRIMARY,
    to: [],
    when: (c) => canBallot(c) && c.leaseValid && c.settled && c.s.decided?.formerWeights != null,
    act: () => ({ propose: 'reaffirm' }),
    reason: 'The change of the votes is decided: from the next record on the votes before it count no more.',
  },
  {
    id: 'W1',
    from: PRIMARY,
    to: [],
    when: (c) =>
      canBallot(c) &&
      (c.s.phase === 'PRIMARY_SOLO' || c.peerReady) &&
      witnessAway(c) &&
      c.s.decided !== null &&
      !sameWeights(c.s.decided.weights, withoutWitness(c.s.decided)),
    act: () => ({ propose: 'weights' }),
    reason:
      'The witness is away: the votes move to the standby, which can then go on alone, or in SOLO to this node.',
  },
  {
    id: 'W2',
    from: PRIMARY,
    to: [],
    when: (c) =>
      canBallot(c) &&
      witnessBack(c) &&
      !peerForgot(c) &&
      !sameWeights(c.s.decided?.weights ?? EQUAL_WEIGHTS, EQUAL_WEIGHTS),
    act: () => ({ propose: 'weights' }),
    reason: 'The witness is back: each voter gets its vote back.',
  },
  {
    id: 'W3',
    from: PRIMARY,
    to: [],
    when: (c) => canBallot(c) && c.leaseValid && witnessJoins(c),
    act: () => ({ propose: 'weights' }),
    reason: 'The witness lost its ledger: a record without its vote lets it join again.',
  },
  {
    id: 'W4',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: (c) =>
      canBallot(c) &&
      c.leaseValid &&
      peerForgot(c) &&
      c.s.decided !== null &&
      !sameWeights(c.s.decided.weights, withoutWitness(c.s.decided)),
    act: () => ({ propose: 'weights' }),
    reason:
      'The other node lost its ledger: with a majority of this node alone nothing that it forgot counts, and it joins again.',
  },
];
