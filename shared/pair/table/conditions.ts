/** What several rows ask, and deeds that several rows do. */

import type { Context } from '../context.ts';
import type { Effect } from '../effects.ts';
import type { NodeState } from '../node-state.ts';
import { type PairRecord, withMode, withSettledWeights, withWeights } from '../record.ts';
import { EQUAL_WEIGHTS, peerOf, survivorWeights, type Weights } from '../weights.ts';

/** What a suspect primary does first: the kernel, the address, then the server, whose waiting commits stay unconfirmed. */
export const CLOSING: readonly Effect[] = [{ kind: 'fence-close' }, { kind: 'permit', allowed: false }];
export const CRASH_DEMOTION: readonly Effect[] = [
  { kind: 'fence-close' },
  { kind: 'reset-sessions' },
  { kind: 'permit', allowed: false },
  { kind: 'server-kill' },
];

/** What a node handed over ends the epoch for it: it serves again only when a new ballot says so. */
export const takeBack = ({ s }: Context): Partial<NodeState> =>
  s.handedOver === null ? {} : { handedOver: null, decided: null };

export const canBallot = ({ s, now, timing }: Context): boolean =>
  s.proposal === null && now - s.lastProposalAt >= timing.ballotMs;

export const isRunning = ({ f }: Context): boolean => f.ioRunning && f.sqlRunning && !f.sqlError;

export const isReceived = ({ s, f }: Context): boolean =>
  s.proof !== null && s.proof.threads === f.threads && f.received >= s.proof.position;

/** A node that an operator took out takes part in nothing but votes. */
export const isTakenOut = ({ s }: Context): boolean =>
  s.order?.kind === 'fence' || s.order?.kind === 'maintenance';

export const staysSolo = ({ s }: Context): boolean => s.order?.kind === 'solo';

/**
 * How many changes between SYNC and SOLO within a minute make the pair rest in SOLO for a minute: three whole rounds. A
 * deploy that restarts both servers after a failover makes three changes, and is no flapping.
 */
export const FLAPS = 6;

export function isFlapping({ s, now, timing }: Context): boolean {
  const first = s.modeChanges.at(-FLAPS);
  const last = s.modeChanges.at(-1);
  if (first === undefined || last === undefined) return false;
  return last - first <= timing.flapMs && now - last < timing.flapMs;
}

/** A guard that just started has heard nobody yet: that the witness is back is known only from its vote. */
export const witnessBack = ({ s, now, timing }: Context): boolean =>
  s.amnesia === null && now - s.witnessHeardAt < timing.witnessBackMs;

/** The record that lets a witness without a ledger join is decided without it, after it was heard. */
export const witnessJoins = ({ s }: Context): boolean =>
  s.amnesia !== null &&
  !(s.decided !== null && s.decided.weights.W === 0 && s.decided.epoch > s.amnesia.before);

/** A node without a ledger says so again and again, until it has adopted one. */
export const peerForgot = ({ s, now, timing }: Context): boolean =>
  s.decided?.mode === 'solo' && now - s.peerForgotAt < timing.witnessBackMs;

export const witnessAway = ({ s, now, timing }: Context): boolean =>
  now - s.witnessAt >= timing.witnessAwayMs;

/** In SYNC the standby can go on alone, in SOLO nobody but the primary can. */
export function withoutWitness({ primary, mode }: PairRecord): Weights {
  return survivorWeights(mode === 'sync' ? peerOf(primary) : primary);
}

/** The record a ballot asks for, from the newest one that the promises show; null when its reason is gone. */
export function nextRecord(c: Context): PairRecord | null {
  const { s, f, promised } = c;
  if (promised === null || s.proposal === null || promised.primary !== s.id) return null;
  const base = baseOf(c, promised);
  switch (s.proposal.purpose) {
    case 'solo':
      return withMode(base.weights.W === 0 ? withWeights(base, survivorWeights(s.id)) : base, 'solo');
    case 'sync':
      return f.semiSync && f.sentinelAcked && c.peerReady ? withMode(base, 'sync') : base;
    case 'weights':
      if (witnessJoins(c) || witnessAway(c) || peerForgot(c)) return withWeights(base, withoutWitness(base));
      return witnessBack(c) ? withWeights(base, EQUAL_WEIGHTS) : null;
    default:
      return base;
  }
}

/** What the next record is made from: a change of the weights that is known to be decided is over. */
export function baseOf({ s }: Context, promised: PairRecord): PairRecord {
  return s.decided?.epoch === promised.epoch ? withSettledWeights(promised) : promised;
}
