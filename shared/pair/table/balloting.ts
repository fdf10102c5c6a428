/** How a primary's ballot goes on, and when the recorded primary needs one to confirm the record. */

import { mayClaim } from '../context.ts';
import { canBallot, nextRecord } from './conditions.ts';
import { CLOSED, PRIMARY, type Row } from './row.ts';

export const BALLOTING: readonly Row[] = [
  {
    id: 'B1',
    from: [...CLOSED, ...PRIMARY],
    to: [],
    when: ({ s, promised }) => promised !== null && promised.primary !== s.id && s.proposal?.asked === null,
    act: () => ({ abort: true }),
    reason: 'The promises show the other node as primary: this ballot ends here.',
  },
  {
    id: 'B2',
    from: [...CLOSED, ...PRIMARY],
    to: [],
    when: ({ s }) => s.proposal?.refused === true,
    act: () => ({ abort: true }),
    reason: 'A higher ballot is under way: this one ends, the next is higher.',
  },
  {
    id: 'B3',
    from: [...CLOSED, ...PRIMARY],
    to: [],
    when: (c) => c.promised !== null && c.s.proposal?.asked === null && nextRecord(c) === null,
    act: () => ({ abort: true }),
    reason: 'What the ballot was begun for no longer holds.',
  },
  {
    id: 'B4',
    from: [...CLOSED, ...PRIMARY],
    to: [],
    when: ({ s, promised }) => promised !== null && s.proposal?.asked === null,
    act: (c) => {
      const record = nextRecord(c);
      return record === null ? { abort: true } : { ask: record };
    },
    reason: 'A majority promised: it is asked to accept.',
  },
  {
    id: 'B5',
    from: [...CLOSED, ...PRIMARY],
    to: [],
    when: (c) =>
      canBallot(c) &&
      mayClaim(c.s, c.f, c.now, c.timing) &&
      c.s.seen.primary === c.s.id &&
      (c.s.decided === null || c.s.highest > c.s.decided.epoch),
    act: () => ({ propose: 'reaffirm' }),
    reason:
      'This node is the recorded primary, but a later ballot may exist: the record is confirmed by a ballot.',
  },
];
