/** How a standby takes over, in the order of I4: promise, cut, stop, drain, record. */

import type { Context } from '../context.ts';
import { type PairRecord, takeOver } from '../record.ts';
import { baseOf, CRASH_DEMOTION } from './conditions.ts';
import type { Row } from './row.ts';

export const TAKING_OVER: readonly Row[] = [
  {
    id: 'T1',
    from: ['PROMOTING'],
    to: ['FENCED'],
    when: ({ s, f }) => f.server !== 'up' && s.proposal !== null && s.proposal.asked !== null,
    act: () => ({
      to: 'FENCED',
      patch: { promotable: false, decided: null },
      effects: CRASH_DEMOTION,
      abort: true,
    }),
    reason: 'The server stopped after the record was asked for: a later ballot tells who is primary.',
  },
  {
    id: 'T2',
    from: ['PROMOTING'],
    to: ['STANDBY_CATCHUP'],
    when: ({ s, f }) =>
      s.proposal?.asked === null && (f.server !== 'up' || f.sqlError || s.proof?.threads !== f.threads),
    act: () => ({
      to: 'STANDBY_CATCHUP',
      patch: { promotable: false, proof: null },
      effects: [{ kind: 'ack-path', open: true }],
      abort: true,
    }),
    reason: 'Server or replication threads were restarted: the node is not promotable any more.',
  },
  {
    id: 'T3',
    from: ['PROMOTING'],
    to: ['FENCED'],
    when: ({ s }) => s.proposal?.refused === true && s.proposal.asked !== null,
    act: () => ({ to: 'FENCED', patch: { promotable: false, decided: null }, abort: true }),
    reason: 'A higher ballot came in between: a later one tells who is primary.',
  },
  {
    id: 'T4',
    from: ['PROMOTING'],
    to: ['STANDBY_READY'],
    when: ({ s, promised, now, timing }) =>
      s.proposal?.asked === null &&
      (s.proposal.refused ||
        (promised !== null && takeOver(promised, s.id, s.proposal.epoch) === null) ||
        (promised === null && s.primaryAt !== null && now - s.primaryAt < timing.suspectMs)),
    act: ({ f }) => ({
      to: 'STANDBY_READY',
      abort: true,
      effects: [
        { kind: 'ack-path', open: true },
        ...(f.ioRunning ? [] : [{ kind: 'io-thread', on: true } as const]),
      ],
    }),
    reason: 'The record is not to be taken or the primary is alive: only the IO thread starts again.',
  },
  {
    id: 'T9',
    from: ['PROMOTING'],
    to: [],
    when: ({ s, f }) => s.proposal?.asked === null && f.semiSync,
    act: () => ({ effects: [{ kind: 'semi-sync', on: false }] }),
    reason: 'The applier waits for a standby that there is not: it would never get to the end.',
  },
  {
    id: 'T5',
    from: ['PROMOTING'],
    to: [],
    when: ({ s, f, promised }) => promised !== null && s.proposal?.asked === null && f.ackPathOpen,
    act: () => ({ effects: [{ kind: 'ack-path', open: false }] }),
    reason:
      'A majority promised and the record is SYNC: from here on nothing is confirmed to the old primary (I4).',
  },
  {
    id: 'T6',
    from: ['PROMOTING'],
    to: [],
    when: ({ s, f, promised }) => promised !== null && s.proposal?.asked === null && f.ioRunning,
    act: () => ({ effects: [{ kind: 'io-thread', on: false }] }),
    reason: 'The confirmation path is cut: the IO thread stops without waiting for the old primary.',
  },
  {
    id: 'T7',
    from: ['PROMOTING'],
    to: [],
    when: ({ s, f, promised }) => promised !== null && s.proposal?.asked === null && f.drained,
    act: (c) => {
      const record = takenOver(c);
      return record === null ? { abort: true } : { ask: record };
    },
    reason: 'Everything received is applied: the majority is asked to record this node as primary.',
  },
  {
    id: 'T8',
    from: ['PROMOTING'],
    to: ['FENCED'],
    when: ({ s }) => s.proposal === null,
    act: () => ({ to: 'FENCED' }),
    reason: 'The ballot is over: the node opens as recorded once it has the lease, or follows.',
  },
];

/** Planned, if the primary ended its writing in the very epoch that the promises show, and all of it is here. */
function takenOver(c: Context): PairRecord | null {
  const { s, f, promised, protection } = c;
  if (promised === null) return null;
  const record = takeOver(baseOf(c, promised), s.id, s.proposal?.epoch ?? 0);
  if (record === null) return null;
  const planned = s.handover?.epoch === promised.epoch && f.applied >= s.handover.position;
  const mode = protection === 'consistency' ? 'sync' : 'solo';
  return { ...record, mode, takenOver: planned ? 'planned' : 'crash' };
}
