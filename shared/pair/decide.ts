/**
 * One step of a guard: (state, event, now) → (state, effects). A pulse sends what is due, a message changes what the guard
 * knows and is answered by the own vote, and only a look lets the table decide.
 *
 * Invariants:
 * - what the own vote promised is persisted before anything is sent that rests on it (effects are performed in order);
 * - only a look has effects that take time;
 * - nothing is persisted after an effect that takes time: a later step may have persisted more by then;
 * - the kernel is told to let clients in only by the answer of a majority to a request of this run of the guard.
 */

import { answerCommand, type Command, type CommandAnswer } from './commands.ts';
import { appliedOf, contextOf, leaseUntil, mayClaim, type Outcome, type Protection } from './context.ts';
import type { Beat, Effect, Message } from './effects.ts';
import { dropLease, nextRenewal, withGrant } from './lease.ts';
import type { Stamp, VoteAnswer, VoteRequest } from './messages.ts';
import { durableOf, isPrimary, type NodeFacts, type NodeState } from './node-state.ts';
import { ask, decidedRecord, propose, requestOf, withAnswer } from './proposal.ts';
import type { PairRecord } from './record.ts';
import { ROWS, type Row } from './table.ts';
import { TIMING, type Timing } from './timing.ts';
import { amnesiacWitness, answerRequest } from './voter.ts';
import { peerOf, VOTERS, type VoterId } from './weights.ts';

export type NodeEvent =
  /** Every 100 ms, never late because of anything else. Facts as last read; see Beat for their position. */
  | { readonly kind: 'pulse'; readonly facts: NodeFacts }
  /** Facts were read after all effects of earlier steps were performed. */
  | { readonly kind: 'look'; readonly facts: NodeFacts }
  /** `threads` as last read. A message that changes decided, proposal or seen, or ends primaryAt, calls for a look. */
  | {
      readonly kind: 'message';
      readonly from: VoterId;
      readonly message: Message;
      readonly threads: number;
    }
  /** Of an operator; calls for a look. */
  | { readonly kind: 'command'; readonly command: Command; readonly facts: NodeFacts };

export interface Step {
  readonly state: NodeState;
  readonly effects: readonly Effect[];
  /** The rows that counted, one after another: a row without effects may lead straight to the next. */
  readonly rows: readonly Row[];
  /** To a command. */
  readonly answer?: CommandAnswer;
}

/** What a guard decides with. Proofs replace a part by a faulty one and expect to see it caught. */
export interface Rules {
  readonly timing: Timing;
  readonly protection: Protection;
  readonly rows: readonly Row[];
  readonly answerRequest: typeof answerRequest;
  readonly withGrant: typeof withGrant;
  readonly amnesiacWitness: typeof amnesiacWitness;
  readonly answerCommand: typeof answerCommand;
}

export const RULES: Rules = {
  timing: TIMING,
  protection: 'availability',
  rows: ROWS,
  answerRequest,
  withGrant,
  amnesiacWitness,
  answerCommand,
};

interface Draft {
  state: NodeState;
  readonly effects: Effect[];
  readonly rows: Row[];
  readonly now: number;
  readonly rules: Rules;
}

const MOST_ROWS = 4;

export function decideStep(state: NodeState, event: NodeEvent, now: number, rules: Rules = RULES): Step {
  const draft: Draft = { state, effects: [], rows: [], now, rules };
  if (event.kind === 'pulse') sendDue(draft, event.facts);
  if (event.kind === 'look') look(draft, event.facts);
  if (event.kind === 'message') hear(draft, event.from, event.message, event.threads);
  const answer = event.kind === 'command' ? obey(draft, event.command, event.facts) : undefined;
  if (event.kind !== 'pulse' && draft.state.decided !== state.decided) renewIfDue(draft, null);
  refreshFence(draft);
  const step = { state: draft.state, effects: draft.effects, rows: draft.rows };
  return answer === undefined ? step : { ...step, answer };
}

function obey(draft: Draft, command: Command, facts: NodeFacts): CommandAnswer {
  const context = contextOf(draft.state, facts, draft.now, draft.rules);
  const { answer, outcome } = draft.rules.answerCommand(context, command);
  perform(draft, outcome, facts);
  return answer;
}

/** Facts stay true until an effect is performed, so a row that only changes the phase is followed by the next one. */
function look(draft: Draft, facts: NodeFacts): void {
  endOrder(draft);
  for (let count = 0; count < MOST_ROWS; count++) {
    const { phase } = draft.state;
    const context = contextOf(draft.state, facts, draft.now, draft.rules);
    const row = draft.rules.rows.find(({ from, when }) => from.includes(phase) && when(context));
    if (row === undefined) break;
    draft.rows.push(row);
    perform(draft, row.act(context), facts);
    if (draft.effects.length > 0 || draft.state.phase === phase) break;
  }
  const opened = isPrimary(draft.state) && (draft.state.opened || facts.writable);
  change(draft, { opened });
}

function endOrder(draft: Draft): void {
  if (draft.state.order === null || draft.now < draft.state.orderUntil) return;
  change(draft, { order: null, orderUntil: Number.POSITIVE_INFINITY });
  draft.effects.push({ kind: 'persist', durable: durableOf(draft.state) });
}

function change(draft: Draft, patch: Partial<NodeState>): void {
  draft.state = { ...draft.state, ...patch };
}

function send(draft: Draft, to: VoterId, message: Message): void {
  draft.effects.push({ kind: 'send', to, message });
}

function hear(draft: Draft, from: VoterId, message: Message, threads: number): void {
  const { now, state } = draft;
  if (message.kind === 'beat') hearBeat(draft, message, threads);
  if (message.kind === 'answer') {
    if (from === 'W') change(draft, { witnessAt: now, witnessHeardAt: now, amnesia: null });
    hearAnswer(draft, message.answer);
  }
  if (message.kind === 'forgot' && state.amnesia?.memory !== message.memory)
    change(draft, { amnesia: { memory: message.memory, before: state.highest } });
  if (message.kind === 'request') {
    const answer = vote(draft, message.request);
    if (answer !== null) send(draft, from, { kind: 'answer', answer });
  }
}

function hearBeat(draft: Draft, beat: Beat, threads: number): void {
  const { now, state } = draft;
  const last = state.peer?.beat.stamp;
  if (last !== undefined && (beat.stamp.boot - last.boot || beat.stamp.seq - last.seq) <= 0) return;
  const readySince = beat.promotable ? (state.peer?.readySince ?? now) : null;
  change(draft, { peer: { at: now, beat, readySince } });
  if (beat.echo === threads && state.decided?.primary === peerOf(state.id))
    change(draft, { proof: { threads, position: beat.position } });
}

/** The own vote decides by the same function as any other; what it learned from the peer's renewal is decided. */
function vote(draft: Draft, request: VoteRequest): VoteAnswer | null {
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

function hearAnswer(draft: Draft, answer: VoteAnswer): void {
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

function perform(draft: Draft, outcome: Outcome, facts: NodeFacts): void {
  const { state, now } = draft;
  if (outcome.abort) change(draft, { proposal: null });
  // A ballot ends with the phase it was begun in: left over, it would keep the node from beginning another.
  if (outcome.to !== undefined && outcome.to !== state.phase)
    change(draft, { phase: outcome.to, enteredAt: now, proposal: null });
  change(draft, outcome.patch ?? {});
  if (outcome.beat) sendBeat(draft, facts, Number.MAX_SAFE_INTEGER);
  draft.effects.push(...(outcome.effects ?? []));
  if (!isPrimary(draft.state)) change(draft, { openUntil: Number.NEGATIVE_INFINITY, opened: false });
  if (outcome.release) releaseLease(draft);
  if (outcome.propose !== undefined) {
    const proposal = propose(state.id, outcome.propose, draft.state.highest + 1, now);
    change(draft, { proposal, highest: proposal.epoch, lastProposalAt: now });
    sendBallot(draft);
  }
  const { proposal } = draft.state;
  if (outcome.ask !== undefined && proposal !== null) {
    change(draft, { proposal: ask(proposal, outcome.ask) });
    sendBallot(draft);
  }
}

function releaseLease(draft: Draft): void {
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

/** The own vote comes first, and is durable, before the others are asked. */
function sendBallot(draft: Draft): void {
  const { proposal } = draft.state;
  if (proposal === null || proposal.refused) return;
  const request = requestOf(proposal);
  const answer = vote(draft, request);
  if (answer !== null) hearAnswer(draft, answer);
  const done = proposal.asked === null ? Object.keys(proposal.promises) : proposal.accepted;
  for (const to of others(draft)) if (!done.includes(to)) send(draft, to, { kind: 'request', request });
}

function sendDue(draft: Draft, facts: NodeFacts): void {
  sendBallot(draft);
  renewIfDue(draft, facts);
  repeatHandover(draft);
  sendBeat(draft, facts, facts.position);
}

function sendBeat(draft: Draft, facts: NodeFacts, position: number): void {
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

function renewIfDue(draft: Draft, facts: NodeFacts | null): void {
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

function refreshFence(draft: Draft): void {
  const { state, rules } = draft;
  const until = leaseUntil(state, rules.timing) - rules.timing.fenceMarginMs;
  if (!state.opened || until <= state.openUntil || until <= draft.now) return;
  change(draft, { openUntil: until });
  draft.effects.push({ kind: 'fence-open', until });
}

function others({ state }: Draft): VoterId[] {
  return VOTERS.filter((voter) => voter !== state.id);
}
