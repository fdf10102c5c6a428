/** What a message changes: who is heard, what the own vote answers, what is decided. No row of the table counts here. */

import { change, type Draft, send } from './draft.ts';
import type { Beat, Message } from './effects.ts';
import type { VoteAnswer, VoteRequest } from './messages.ts';
import { durableOf } from './node-state.ts';
import { decidedRecord, withAnswer } from './proposal.ts';
import type { PairRecord } from './record.ts';
import { peerOf, type VoterId } from './weights.ts';

export function hear(draft: Draft, from: VoterId, message: Message, threads: number): void {
  const { now, state } = draft;
  if (message.kind === 'beat') hearBeat(draft, message, threads);
  if (message.kind === 'answer') {
    if (from === 'W') change(draft, { witnessAt: now, witnessHeardAt: now, amnesia: null });
    hearAnswer(draft, message.answer);
  }
  if (message.kind === 'forgot' && from !== 'W') change(draft, { peerForgotAt: now });
  if (message.kind === 'forgot' && from === 'W' && state.amnesia?.memory !== message.memory)
    change(draft, { amnesia: { memory: message.memory, before: state.highest } });
  if (message.kind === 'request') {
    const answer = vote(draft, message.request);
    if (answer !== null) send(draft, from, { kind: 'answer', answer });
  }
}

function hearBeat(draft: Draft, beat: Beat, threads: number): void {
  const { now, state, rules } = draft;
  const last = state.peer?.beat.stamp;
  if (last !== undefined && (beat.stamp.boot - last.boot || beat.stamp.seq - last.seq) <= 0) return;
  const silent = state.peer === null || now - state.peer.at >= rules.timing.soloMs;
  const since = silent ? now : (state.peer.readySince ?? now);
  const readySince = beat.promotable ? since : null;
  change(draft, { peer: { at: now, beat, readySince } });
  if (beat.echo === threads && state.decided?.primary === peerOf(state.id))
    change(draft, { proof: { threads, position: beat.position } });
}

/** The own vote decides by the same function as any other; what it learned from the peer's renewal is decided. */
export function vote(draft: Draft, request: VoteRequest): VoteAnswer | null {
  const { state, now, rules } = draft;
  const result = rules.answerRequest(state.voter, request, now, rules.timing);
  change(draft, { voter: result.voter });
  if (result.persist) draft.effects.push({ kind: 'persist', durable: durableOf(draft.state) });
  const { promised, record } = result.voter.ledger;
  noteRecord(draft, record, promised.epoch);
  if (request.by === state.id) return result.answer;
  if (request.kind === 'renew') change(draft, { primaryAt: now });
  if (request.kind === 'renew' && result.answer?.kind === 'granted') learn(draft, request.record);
  if (request.kind === 'release' && state.voter.grant !== null && result.voter.grant === null)
    change(draft, { primaryAt: null, handover: request.handover });
  return result.answer;
}

function learn(draft: Draft, record: PairRecord): void {
  const { decided } = draft.state;
  if (decided !== null && record.epoch <= decided.epoch) return;
  change(draft, { decided: record });
  if (decided !== null && record.since !== decided.since && record.takenOver === 'crash')
    change(draft, { tookOverAt: draft.now });
}

function noteRecord(draft: Draft, record: PairRecord, promised: number): void {
  const { seen, highest } = draft.state;
  change(draft, {
    seen: record.epoch > seen.epoch ? record : seen,
    highest: Math.max(highest, promised, record.epoch),
  });
}

export function hearAnswer(draft: Draft, answer: VoteAnswer): void {
  const { now, rules } = draft;
  noteRecord(draft, answer.record, answer.promised.epoch);
  const { state } = draft;
  if (answer.kind === 'granted') {
    change(draft, { lease: rules.withGrant(state.lease, answer.from, answer.stamp, now) });
    return;
  }
  const { decided } = state;
  const deposed = decided?.primary === state.id && answer.record.epoch > decided.epoch;
  if (deposed && answer.record.primary !== state.id) change(draft, { decided: null });
  if (state.proposal === null) return;
  const proposal = withAnswer(state.proposal, answer);
  const record = decidedRecord(proposal);
  change(draft, record === null ? { proposal } : { proposal: null, decided: record });
}
