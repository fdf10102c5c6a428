/**
 * What a guard decides, as numbered rows: of the rows of the node's phase, the first whose condition holds counts. The
 * reason is the log line. Every row can be repeated until it succeeds: it is written for what is, not for what was done.
 */

import { type Context, leaseUntil, mayClaim, type Outcome } from './context.ts';
import type { Effect } from './effects.ts';
import { durableOf, type Phase } from './node-state.ts';
import { mayTruncate, type PairRecord, takeOver, withMode } from './record.ts';
import { EQUAL_WEIGHTS, peerOf, sameWeights, survivorWeights, type Weights } from './weights.ts';

export interface Row {
  readonly id: string;
  readonly from: readonly Phase[];
  /** Where it can lead; the same phase when empty. */
  readonly to: readonly Phase[];
  readonly when: (context: Context) => boolean;
  readonly act: (context: Context) => Outcome;
  readonly reason: string;
}

const PRIMARY: readonly Phase[] = ['PRIMARY_SYNC', 'PRIMARY_SOLO'];
const CLOSED: readonly Phase[] = ['INIT', 'FENCED'];
const STANDBY: readonly Phase[] = ['STANDBY_CATCHUP', 'STANDBY_READY'];
const CRASH_DEMOTION: readonly Effect[] = [
  { kind: 'fence-close' },
  { kind: 'permit', allowed: false },
  { kind: 'server-kill' },
];

const canBallot = ({ s, now, timing }: Context): boolean =>
  s.proposal === null && now - s.lastProposalAt >= timing.ballotMs;
const isRunning = ({ f }: Context): boolean => f.ioRunning && f.sqlRunning && !f.sqlError;
const isReceived = ({ s, f }: Context): boolean =>
  s.proof !== null && s.proof.threads === f.threads && f.received >= s.proof.position;
/** A guard that just started has heard nobody yet: that the witness is back is known only from its vote. */
const witnessBack = ({ s, now, timing }: Context): boolean =>
  s.amnesia === null && now - s.witnessHeardAt < timing.witnessBackMs;
/** The record that lets a witness without a ledger join is decided without it, after it was heard. */
const witnessJoins = ({ s }: Context): boolean =>
  s.amnesia !== null &&
  !(s.decided !== null && s.decided.weights.W === 0 && s.decided.epoch > s.amnesia.before);
const witnessAway = ({ s, now, timing }: Context): boolean => now - s.witnessAt >= timing.witnessAwayMs;

const LOSING: readonly Row[] = [
  {
    id: 'P1',
    from: PRIMARY,
    to: ['FENCED'],
    when: ({ f }) => f.server !== 'up',
    act: () => ({ to: 'FENCED', effects: CRASH_DEMOTION, abort: true, release: true }),
    reason: 'The server does not work: it is fenced and killed, and the lease is released.',
  },
  {
    id: 'P2',
    from: PRIMARY,
    to: ['DEMOTED', 'FENCED'],
    when: ({ mine }) => !mine,
    act: ({ theirs }) => ({ to: theirs ? 'DEMOTED' : 'FENCED', effects: CRASH_DEMOTION, abort: true }),
    reason: 'A later record names the other node: this one is fenced and its server killed.',
  },
  {
    id: 'P3',
    from: PRIMARY,
    to: ['FENCED'],
    when: ({ leaseValid }) => !leaseValid,
    act: () => ({
      to: 'FENCED',
      effects: [{ kind: 'fence-close' }, { kind: 'permit', allowed: false }],
      abort: true,
    }),
    reason: 'The lease ran out without an answer: the kernel closed the port already.',
  },
  {
    id: 'P5',
    from: PRIMARY,
    to: ['FENCED'],
    when: ({ f }) => !f.writable,
    act: () => ({ to: 'FENCED', effects: [{ kind: 'fence-close' }, { kind: 'permit', allowed: false }] }),
    reason: 'Opening did not come to its end: the node closes and tries again.',
  },
  {
    id: 'P6',
    from: ['PRIMARY_SYNC'],
    to: ['FENCED'],
    when: ({ s, f, settled }) => settled && s.decided?.mode === 'sync' && !f.semiSync,
    act: () => ({ to: 'FENCED', effects: CRASH_DEMOTION, release: true }),
    reason: 'The record says SYNC, but commits do not wait: the server is killed.',
  },
  {
    id: 'P4',
    from: CLOSED,
    to: [],
    when: ({ s, f, leaseValid, now, timing }) =>
      f.server !== 'down' && f.writable && !leaseValid && now - s.enteredAt >= timing.suspectMs,
    act: () => ({ effects: CRASH_DEMOTION }),
    reason:
      'No new lease within 300 ms: the writable server is killed before anything releases its waiting commits.',
  },
];

const FOLLOWING: readonly Row[] = [
  {
    id: 'F1',
    from: [...CLOSED, 'DEMOTED'],
    to: ['DEMOTED'],
    when: ({ s, f, theirs }) =>
      theirs && f.server !== 'down' && (s.servedEpoch !== null || f.writable || f.server === 'hung'),
    act: () => ({ to: 'DEMOTED', effects: CRASH_DEMOTION }),
    reason:
      'The other node is primary and this server served: it is killed, its waiting commits stay unconfirmed.',
  },
  {
    id: 'F2',
    from: [...CLOSED, 'DEMOTED', 'REJOINING'],
    to: ['REJOINING'],
    when: ({ f, theirs }) => theirs && f.server === 'down' && !f.held,
    act: ({ s }) => ({
      to: 'REJOINING',
      effects: [
        {
          kind: 'server-start',
          role: s.decided && mayTruncate(s.decided, s.id, s.servedEpoch) ? 'slave' : 'master',
        },
      ],
    }),
    reason:
      'The other node is primary: the server starts, as a former primary only if it was taken over out of SYNC (R2).',
  },
  {
    id: 'F3',
    from: [...CLOSED, 'DEMOTED'],
    to: ['REJOINING'],
    when: ({ f, theirs }) => theirs && f.server === 'up',
    act: () => ({ to: 'REJOINING' }),
    reason: 'The other node is primary and this server never served: it only has to be compared.',
  },
  {
    id: 'F4',
    from: ['REJOINING'],
    to: [],
    when: ({ f }) => f.server === 'hung',
    act: () => ({ effects: [{ kind: 'server-kill' }] }),
    reason: 'The server does not answer: it is killed and starts again.',
  },
  {
    id: 'F7',
    from: ['REJOINING'],
    to: [],
    when: ({ f, theirs }) => theirs && f.server === 'up' && !f.ackPathOpen,
    act: () => ({ effects: [{ kind: 'ack-path', open: true }] }),
    reason: 'The path to the primary is open again: this node has to be compared with it.',
  },
  {
    id: 'F5',
    from: ['REJOINING'],
    to: ['NEEDS_REPAIR'],
    when: ({ f, theirs }) => theirs && f.server === 'up' && f.comparison === 'errant',
    act: () => ({ to: 'NEEDS_REPAIR', effects: [{ kind: 'alarm', text: 'errant transactions' }] }),
    reason:
      'This node has transactions that the primary does not have: a person decides what becomes of them.',
  },
  {
    id: 'F6',
    from: ['REJOINING'],
    to: ['STANDBY_CATCHUP'],
    when: ({ f, theirs }) => theirs && f.server === 'up' && f.comparison === 'clean',
    act: ({ s, f }) => ({
      to: 'STANDBY_CATCHUP',
      patch: { servedEpoch: null, proof: null, promotable: false },
      effects: [
        { kind: 'persist', durable: { ...durableOf(s), servedEpoch: null } },
        { kind: 'ack-path', open: true },
        ...(f.ioRunning && f.sqlRunning ? [] : [startThreads(f.sqlRunning)]),
      ],
    }),
    reason: 'Everything here is on the primary too: replication starts from the own binlog (R3).',
  },
];

const SERVING: readonly Row[] = [
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
  {
    id: 'O1',
    from: CLOSED,
    to: [],
    when: ({ f, mine, leaseValid }) => mine && leaseValid && f.server === 'down' && !f.held,
    act: () => ({ effects: [{ kind: 'server-start', role: 'master' }] }),
    reason: 'The lease is held: the server starts in its default role, which keeps all that it wrote (R2).',
  },
  {
    id: 'O2',
    from: CLOSED,
    to: [],
    when: ({ f, mine }) => mine && f.server === 'hung',
    act: () => ({ effects: CRASH_DEMOTION }),
    reason: 'The server does not answer: it is killed.',
  },
  {
    id: 'O3',
    from: CLOSED,
    to: [],
    when: ({ s, f, mine, leaseValid, settled }) =>
      mine &&
      leaseValid &&
      settled &&
      s.decided?.mode === 'sync' &&
      f.server === 'up' &&
      !f.semiSync &&
      f.writable,
    act: () => ({ effects: CRASH_DEMOTION }),
    reason: 'The record says SYNC, but commits do not wait: the server is killed.',
  },
  {
    id: 'O4',
    from: CLOSED,
    to: [...PRIMARY],
    when: ({ s, f, mine, leaseValid, settled }) =>
      mine && leaseValid && settled && f.server === 'up' && (f.drained || s.servedEpoch !== null),
    act: open,
    reason: 'Recorded primary, decided by a majority, with a lease: the node opens as recorded.',
  },
  {
    id: 'D1',
    from: ['PRIMARY_SYNC'],
    to: ['PRIMARY_SOLO'],
    when: ({ s, settled }) => settled && s.decided?.mode === 'solo',
    act: () => ({ to: 'PRIMARY_SOLO', effects: [{ kind: 'semi-sync', on: false }] }),
    reason: 'SOLO is recorded: commits stop waiting (I3).',
  },
  {
    id: 'D2',
    from: ['PRIMARY_SYNC'],
    to: [],
    when: (c) =>
      canBallot(c) &&
      c.leaseValid &&
      (c.f.waitersMs >= c.timing.soloMs || (!c.peerReady && c.now - c.s.enteredAt >= c.timing.soloMs)),
    act: () => ({ propose: 'solo' }),
    reason:
      'The standby is lost, not promotable, or keeps commits waiting: a majority is asked to record SOLO.',
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
    when: (c) => canBallot(c) && witnessBack(c) && !sameWeights(weightsOf(c), EQUAL_WEIGHTS),
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
    id: 'U1',
    from: ['PRIMARY_SOLO'],
    to: ['PRIMARY_SYNC'],
    when: ({ s, settled }) => settled && s.decided?.mode === 'sync',
    act: () => ({ to: 'PRIMARY_SYNC' }),
    reason: 'SYNC is recorded.',
  },
  {
    id: 'U2',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: ({ f, settled, peerReady, timing }) =>
      settled && f.semiSync && (!peerReady || f.waitersMs >= timing.soloMs),
    act: () => ({ effects: [{ kind: 'semi-sync', on: false }] }),
    reason: 'The standby fell behind again before SYNC was recorded: commits stop waiting.',
  },
  {
    id: 'U3',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: ({ s, f, settled, peerReady, now, timing }) =>
      settled &&
      !f.semiSync &&
      peerReady &&
      s.peer?.readySince != null &&
      now - s.peer.readySince >= timing.steadyMs,
    act: () => ({ effects: [{ kind: 'semi-sync', on: true }] }),
    reason: 'The standby has kept up: commits wait for it again, before this is recorded (I3).',
  },
  {
    id: 'U4',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: (c) =>
      canBallot(c) && c.settled && c.leaseValid && c.peerReady && c.f.semiSync && c.f.sentinelAcked,
    act: () => ({ propose: 'sync' }),
    reason:
      'A commit begun after the switch was confirmed by the standby: a majority is asked to record SYNC.',
  },
];

/** The way back: the primary replicates from the standby too, as in the classic dual master, while both are well. */
const WAY_BACK: readonly Row[] = [
  {
    id: 'C1',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: ({ s, f, settled }) => settled && s.decided?.mode === 'solo' && !f.semiSync && f.ioRunning,
    act: () => ({
      effects: [
        { kind: 'ack-path', open: false },
        { kind: 'io-thread', on: false },
        { kind: 'ack-path', open: true },
      ],
    }),
    reason:
      'SOLO: nothing is taken from the other node before it is compared; without the path the thread stops at once.',
  },
  {
    id: 'C2',
    from: ['PRIMARY_SYNC'],
    to: [],
    when: (c) => isWayBackDue(c) && !c.f.ackPathOpen,
    act: () => ({ effects: [{ kind: 'ack-path', open: true }] }),
    reason: 'The standby is ready: the path to it is opened.',
  },
  {
    id: 'C3',
    from: ['PRIMARY_SYNC'],
    to: [],
    when: (c) => isWayBackDue(c) && !(c.f.ioRunning && c.f.sqlRunning),
    act: ({ f, now }) => ({
      patch: { wayBackAt: now },
      effects: [f.sqlRunning ? { kind: 'io-thread', on: true } : { kind: 'replication-resume' }],
    }),
    reason: 'The standby is ready: the way back from it runs as well, from where it was left.',
  },
];

const STANDING_BY: readonly Row[] = [
  {
    id: 'S1',
    from: STANDBY,
    to: ['REJOINING'],
    when: (c) => c.theirs && (c.f.server !== 'up' || !c.f.ioRunning || !c.f.sqlRunning),
    act: () => ({ to: 'REJOINING', patch: { promotable: false, proof: null } }),
    reason: 'Server or replication stopped: what was received may be gone, the node starts over.',
  },
  {
    id: 'S2',
    from: STANDBY,
    to: ['NEEDS_REPAIR'],
    when: ({ f }) => f.sqlError,
    act: () => ({
      to: 'NEEDS_REPAIR',
      patch: { promotable: false },
      effects: [{ kind: 'alarm', text: 'applier error' }],
    }),
    reason: 'The applier stopped with an error.',
  },
  {
    id: 'S3',
    from: ['STANDBY_READY'],
    to: ['STANDBY_CATCHUP'],
    when: ({ s, f }) => s.proof?.threads !== f.threads,
    act: () => ({ to: 'STANDBY_CATCHUP', patch: { promotable: false, proof: null } }),
    reason: 'The replication threads were restarted: what was received may be gone (I5).',
  },
  {
    id: 'S4',
    from: ['STANDBY_CATCHUP'],
    to: ['STANDBY_READY'],
    when: (c) => c.theirs && isRunning(c) && c.f.streaming && c.f.ackPathOpen && isReceived(c),
    act: () => ({ to: 'STANDBY_READY', patch: { promotable: true } }),
    reason: 'All that the primary had after these threads began is received: the node may be promoted (I5).',
  },
  {
    id: 'S5',
    from: ['STANDBY_READY'],
    to: ['PROMOTING'],
    when: (c) =>
      canBallot(c) &&
      c.s.promotable &&
      isRunning(c) &&
      (c.s.primaryAt === null || c.now - c.s.primaryAt >= c.timing.suspectMs) &&
      c.s.decided !== null &&
      takeOver(c.s.decided, c.s.id, c.s.highest + 1) !== null &&
      takeOver(c.s.seen, c.s.id, c.s.highest + 1) !== null,
    act: () => ({ to: 'PROMOTING', propose: 'promote' }),
    reason:
      'The primary released its lease or is silent, and SYNC is recorded: the voters are asked for a promise.',
  },
];

const TAKING_OVER: readonly Row[] = [
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
    act: ({ s, promised }) => {
      const record = promised && takeOver(promised, s.id, s.proposal?.epoch ?? 0);
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

export const ROWS: readonly Row[] = [
  ...LOSING,
  ...FOLLOWING,
  ...SERVING,
  ...WAY_BACK,
  ...STANDING_BY,
  ...TAKING_OVER,
];

function isWayBackDue(c: Context): boolean {
  const { s, f, now, timing } = c;
  const steady = c.settled && c.peerReady && s.decided?.mode === 'sync' && now - s.enteredAt >= timing.soloMs;
  return steady && !f.sqlError && now - s.wayBackAt >= timing.wayBackMs;
}

function startThreads(sqlRunning: boolean): Effect {
  return sqlRunning ? { kind: 'io-thread', on: true } : { kind: 'replication-start' };
}

function weightsOf({ s }: Context) {
  return s.decided?.weights ?? EQUAL_WEIGHTS;
}

/** In SYNC the standby can go on alone, in SOLO nobody but the primary can. */
function withoutWitness({ primary, mode }: PairRecord): Weights {
  return survivorWeights(mode === 'sync' ? peerOf(primary) : primary);
}

/** The record a ballot asks for, from the newest one that the promises show; null when its reason is gone. */
function nextRecord(c: Context) {
  const { s, f, promised } = c;
  if (promised === null || s.proposal === null || promised.primary !== s.id) return null;
  switch (s.proposal.purpose) {
    case 'solo':
      return withMode(promised, 'solo', promised.weights.W === 0 ? survivorWeights(s.id) : promised.weights);
    case 'sync':
      return f.semiSync && f.sentinelAcked && c.peerReady ? withMode(promised, 'sync') : promised;
    case 'weights':
      if (witnessJoins(c) || witnessAway(c)) return { ...promised, weights: withoutWitness(promised) };
      return witnessBack(c) ? { ...promised, weights: EQUAL_WEIGHTS } : null;
    default:
      return promised;
  }
}

/** Semi-sync first, then writable, then the kernel, then the address: each only after the one before it (I1, I2). */
function open(c: Context): Outcome {
  const { s, f } = c;
  const sync = s.decided?.mode === 'sync';
  const servedEpoch = s.decided?.epoch ?? null;
  const until = leaseUntil(s, c.timing);
  return {
    to: sync ? 'PRIMARY_SYNC' : 'PRIMARY_SOLO',
    patch: { servedEpoch, promotable: false, proof: null },
    effects: [
      { kind: 'persist', durable: { ...durableOf(s), servedEpoch } },
      ...(f.ioRunning ? [{ kind: 'io-thread', on: false } as const] : []),
      ...(f.semiSync === sync ? [] : [{ kind: 'semi-sync', on: sync } as const]),
      ...(f.writable ? [] : [{ kind: 'writable', until } as const]),
      { kind: 'permit', allowed: true, until },
    ],
  };
}
