/** What a node tells the others: its ballot, its renewals, its beat, and that it gives up the lease. The own vote comes first. */

import { appliedOf, mayClaim } from './context.ts';
import { change, type Draft, others, send } from './draft.ts';
import type { Beat } from './effects.ts';
import { hearAnswer, vote } from './hearing.ts';
import { dropLease, nextRenewal } from './lease.ts';
import type { Stamp, VoteRequest } from './messages.ts';
import type { NodeFacts } from './node-state.ts';
import { requestOf } from './proposal.ts';
import { peerOf } from './weights.ts';

export function sendDue(draft: Draft, facts: NodeFacts): void {
  sendBallot(draft);
  renewIfDue(draft, facts);
  repeatHandover(draft);
  sendBeat(draft, facts, facts.position);
}

/** The own vote comes first, and is durable, before the others are asked. */
export function sendBallot(draft: Draft): void {
  const { proposal } = draft.state;
  if (proposal === null || proposal.refused) return;
  const request = requestOf(proposal);
  const answer = vote(draft, request);
  if (answer !== null) hearAnswer(draft, answer);
  // Nobody is to accept what this node itself no longer stands for: it may follow the other one by then.
  if (proposal.asked !== null && draft.state.proposal?.refused) return;
  const done = proposal.asked === null ? Object.keys(proposal.promises) : proposal.accepted;
  for (const to of others(draft)) if (!done.includes(to)) send(draft, to, { kind: 'request', request });
}

export function renewIfDue(draft: Draft, facts: NodeFacts | null): void {
  const { state, now, rules } = draft;
  if (state.decided?.primary !== state.id || !mayClaim(state, facts, now, rules.timing)) return;
  change(draft, { lease: nextRenewal(state.lease, now, rules.timing) });
  const stamp: Stamp = draft.state.lease.stamp;
  const request: VoteRequest = {
    kind: 'renew',
    by: state.id,
    stamp,
    record: state.decided,
    forgot: state.amnesia,
  };
  const answer = vote(draft, request);
  if (answer !== null) hearAnswer(draft, answer);
  for (const to of others(draft)) send(draft, to, { kind: 'request', request });
}

export function sendBeat(draft: Draft, facts: NodeFacts, position: number): void {
  const { state } = draft;
  const message: Beat = {
    kind: 'beat',
    stamp: { boot: state.boot, seq: state.beats + 1 },
    promotable: state.promotable,
    threads: facts.threads,
    position,
    echo: state.peer?.beat.threads ?? null,
    applied: appliedOf(facts),
    leaving: state.phase === 'DRAINING' || state.order?.kind === 'maintenance',
  };
  change(draft, { beats: state.beats + 1, toldApplied: message.applied });
  send(draft, peerOf(state.id), message);
}

export function releaseLease(draft: Draft): void {
  const { id, handedOver } = draft.state;
  const lease = dropLease(draft.state.lease);
  change(draft, { lease });
  const request: VoteRequest = { kind: 'release', by: id, stamp: lease.stamp, handover: handedOver };
  // The own vote is free for the other node only when the effects were performed, as the others' are.
  draft.effects.push({ kind: 'own-vote', request });
  for (const to of others(draft)) send(draft, to, { kind: 'request', request });
}

/** A lost release would cost a switchover the time of a lease. The own vote is free once the port is closed. */
function repeatHandover(draft: Draft): void {
  const { phase, handedOver, lease, voter, id } = draft.state;
  if (phase !== 'DRAINING' || handedOver === null || voter.grant !== null) return;
  const request: VoteRequest = { kind: 'release', by: id, stamp: lease.stamp, handover: handedOver };
  for (const to of others(draft)) send(draft, to, { kind: 'request', request });
}
