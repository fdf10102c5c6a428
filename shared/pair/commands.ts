/**
 * What an operator may ask of a node, and the answer: accepted, or refused with the reason and its numbers. An accepted
 * command changes what the node knows; the table does the rest.
 */

import { appliedOf, type Context, type Outcome } from './context.ts';
import type { StandingOrder } from './effects.ts';
import { durableOf, isPrimary } from './node-state.ts';
import type { PairRecord } from './record.ts';
import { peerOf, survivorWeights } from './weights.ts';

export type Command =
  /** Asked of the primary: the standby takes over with nothing left behind. */
  | { readonly kind: 'switchover' }
  /** Standing orders; `off` takes back whatever order stands. `wallNow` in ms; `forMs` null for no end. */
  | {
      readonly kind: StandingOrder['kind'];
      readonly reason: string;
      readonly forMs: number | null;
      readonly wallNow: number;
    }
  | { readonly kind: 'off' }
  /**
   * Ways out of NEEDS_REPAIR: try again as it is; or the data are a fresh copy of the primary's, which ends the maintenance
   * that they were replaced in, too.
   */
  | { readonly kind: 'rejoin' }
  | { readonly kind: 'reseeded' }
  /** Becomes primary without a majority. What the other node alone has is given up. */
  | { readonly kind: 'force-primary'; readonly accepts: 'lost-commits' };

export type CommandAnswer =
  | { readonly accepted: true; readonly text: string }
  | { readonly accepted: false; readonly reason: string };

export interface Answered {
  readonly answer: CommandAnswer;
  readonly outcome: Outcome;
}

/** A primary that is heard within this time is not gone. */
const GONE_MS = 5_000;
/** More than that is not applied within a switchover. */
const MOST_BEHIND = 10_000;
/** Ballots that the other side may have begun alone do not come so far. */
const FORCED_EPOCHS = 1_000;

export function answerCommand(c: Context, command: Command): Answered {
  switch (command.kind) {
    case 'switchover':
      return switchover(c);
    case 'fence':
    case 'solo':
    case 'maintenance': {
      const { kind, reason, forMs, wallNow } = command;
      const order = { kind, reason, expiresAt: forMs === null ? null : wallNow + forMs };
      return stand(c, order, forMs);
    }
    case 'off':
      return off(c);
    case 'rejoin':
    case 'reseeded':
      return repaired(c, command.kind);
    case 'force-primary':
      return forcePrimary(c);
  }
}

const refused = (reason: string): Answered => ({ answer: { accepted: false, reason }, outcome: {} });
const accepted = (text: string, outcome: Outcome): Answered => ({
  answer: { accepted: true, text },
  outcome,
});

function switchover(c: Context): Answered {
  const { s, f, now, timing } = c;
  const heard = s.peer === null ? null : Math.round(now - s.peer.at);
  if (s.phase === 'DRAINING' || s.switchover !== null) return refused('A switchover is under way already.');
  if (s.phase !== 'PRIMARY_SYNC')
    return refused(
      s.phase === 'PRIMARY_SOLO'
        ? `${s.id} has been PRIMARY_SOLO for ${Math.round(now - s.enteredAt)} ms: the standby does not have every commit yet.`
        : `${s.id} is ${s.phase}, not the primary.`,
    );
  if (s.peer === null || heard === null) return refused('The standby has not been heard yet.');
  if (!c.peerFresh)
    return refused(`The standby was last heard ${heard} ms ago; ${timing.soloMs} ms are allowed.`);
  if (!c.peerReady) return refused('The standby is not promotable: it has not received everything yet.');
  if (!c.settled) return refused('A change of the record is under way: try again in a second.');
  const behind = Math.max(0, f.position - s.peer.beat.applied);
  if (behind > MOST_BEHIND)
    return refused(`The standby is ${behind} transactions behind; ${MOST_BEHIND} are allowed.`);
  if (f.waitersMs >= timing.drainMs / 2)
    return refused(`A commit has waited for the standby for ${Math.round(f.waitersMs)} ms.`);
  return accepted(`The standby is ${behind} transactions behind: the switchover begins.`, {
    patch: {
      switchover: { position: f.position, since: now, until: now + timing.levelWithinMs },
      note: null,
    },
  });
}

function stand(c: Context, order: StandingOrder, forMs: number | null): Answered {
  const { s, now } = c;
  if (s.order !== null && s.order.kind !== order.kind)
    return refused(`${s.id} stands under the order ${s.order.kind} (${s.order.reason}): take it back first.`);
  const why = whyNot(c, order.kind);
  if (why !== null) return refused(why);
  return accepted(TEXTS[order.kind](c), {
    patch: { order, orderUntil: forMs === null ? Number.POSITIVE_INFINITY : now + forMs },
    effects: [{ kind: 'persist', durable: { ...durableOf(s), order } }],
  });
}

const TEXTS: Readonly<Record<StandingOrder['kind'], (c: Context) => string>> = {
  fence: ({ s }) =>
    s.decided?.mode === 'sync'
      ? `${s.id} stops serving; the standby takes over.`
      : `${s.id} stops serving, and nobody can take over: it alone has every commit.`,
  solo: ({ s }) =>
    `${s.id} goes on alone until the order is taken back: a loss of its host now stops the pair.`,
  maintenance: ({ s }) => `${s.id} is left to you as soon as the primary has recorded that it goes on alone.`,
};

/** Why an order cannot be given now, or null. */
function whyNot(c: Context, kind: StandingOrder['kind']): string | null {
  const { s } = c;
  if (s.phase === 'PROMOTING' || s.phase === 'DRAINING')
    return `${s.id} is ${s.phase}: try again in a second.`;
  const serves = isPrimary(s) || c.mine;
  if (kind === 'maintenance' && serves) return `${s.id} is the primary: switch over first.`;
  if (kind === 'maintenance' && c.protection === 'consistency' && s.decided?.mode === 'sync')
    return 'The pair puts consistency first, so the primary does not go on alone by itself: order it to go solo first.';
  if (kind !== 'maintenance' && !serves) return `${s.id} is ${s.phase}, not the primary.`;
  return null;
}

function off({ s }: Context): Answered {
  if (s.order === null) return refused(`${s.id} stands under no order.`);
  return accepted(`The order ${s.order.kind} (${s.order.reason}) is taken back.`, {
    patch: { order: null, orderUntil: Number.POSITIVE_INFINITY },
    effects: [{ kind: 'persist', durable: { ...durableOf(s), order: null } }],
  });
}

function repaired({ s }: Context, kind: 'rejoin' | 'reseeded'): Answered {
  const anew = kind === 'reseeded';
  if (s.phase !== 'NEEDS_REPAIR' && !(anew && s.phase === 'MAINTENANCE'))
    return refused(`${s.id} is ${s.phase}: there is nothing to repair.`);
  const servedEpoch = anew ? null : s.servedEpoch;
  const order = anew ? null : s.order;
  return accepted(`${s.id} is compared with the primary again.`, {
    to: 'INIT',
    patch: {
      ...{ servedEpoch, order, promotable: false, proof: null },
      ...(anew ? { orderUntil: Number.POSITIVE_INFINITY } : {}),
    },
    effects: [{ kind: 'persist', durable: { ...durableOf(s), servedEpoch, order } }],
  });
}

function forcePrimary(c: Context): Answered {
  const { s, now } = c;
  const peer = peerOf(s.id);
  if (isPrimary(s) || s.phase === 'PROMOTING' || s.phase === 'DRAINING')
    return refused(`${s.id} is ${s.phase}: it needs no force.`);
  const heard = s.peer === null ? null : Math.round(now - s.peer.at);
  if (heard !== null && heard < GONE_MS)
    return refused(`${peer} was heard ${heard} ms ago: it is not gone; ${GONE_MS} ms of silence are needed.`);
  if (now - s.bornAt < GONE_MS)
    return refused(`This guard listens for ${Math.round(now - s.bornAt)} ms only; ${GONE_MS} ms are needed.`);
  const { grant } = s.voter;
  if (grant !== null && grant.holder === peer && now < grant.until)
    return refused(`${peer} may serve for another ${Math.round(grant.until - now)} ms.`);
  const epoch = s.highest + FORCED_EPOCHS;
  const base = s.seen;
  const record: PairRecord = {
    epoch,
    primary: s.id,
    mode: 'solo',
    since: base.primary === s.id ? base.since : epoch,
    takenOver: base.primary === s.id ? base.takenOver : 'forced',
    weights: survivorWeights(s.id),
    formerWeights: null,
  };
  const voter = { ...s.voter, ledger: { promised: { epoch, by: s.id }, record }, grant: null };
  return accepted(`${s.id} becomes primary at ${appliedOf(c.f)}; what ${peer} alone has is given up.`, {
    to: 'FENCED',
    patch: {
      voter,
      decided: record,
      seen: record,
      highest: epoch,
      order: null,
      promotable: false,
      proof: null,
    },
    effects: [{ kind: 'persist', durable: { ...durableOf({ ...s, voter }), order: null } }],
    abort: true,
  });
}
