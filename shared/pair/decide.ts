/**
 * One step of a guard: (state, event, now) → (state, effects). A pulse sends what is due, a message changes what the guard
 * knows and is answered by the own vote, and only a look lets the table decide.
 *
 * The loop around it: a pulse every 100 ms, then facts are read, then a look. Facts are read again and a look follows after
 * a message where `callsForLook` says so, after a command, after a look with effects once they were performed, and a few
 * milliseconds later where `looksAgainSoon` says so. While effects that take time are under way there are no looks.
 *
 * Invariants:
 * - what the own vote promised is persisted before anything is sent that rests on it (effects are performed in order);
 * - only a look has effects that take time;
 * - nothing is persisted after an effect that takes time: a later step may have persisted more by then;
 * - the kernel is told to let clients in only by the answer of a majority to a request of this run of the guard.
 */

import { answerCommand, type Command, type CommandAnswer } from './commands.ts';
import { contextOf, leaseUntil, type Outcome } from './context.ts';
import { change, type Draft, type Rules } from './draft.ts';
import type { Effect, Message } from './effects.ts';
import { hear } from './hearing.ts';
import { withGrant } from './lease.ts';
import { durableOf, isPrimary, type NodeFacts, type NodeState } from './node-state.ts';
import { ask, propose } from './proposal.ts';
import { releaseLease, renewIfDue, sendBallot, sendBeat, sendDue } from './sending.ts';
import { ROWS, type Row } from './table.ts';
import { TIMING } from './timing.ts';
import { amnesiacWitness, answerRequest } from './voter.ts';
import type { VoterId } from './weights.ts';

export type { Rules } from './draft.ts';

export type NodeEvent =
  /** Every 100 ms, never late because of anything else. Facts as last read; see Beat for their position. */
  | { readonly kind: 'pulse'; readonly facts: NodeFacts }
  /** Facts were read after all effects of earlier steps were performed. */
  | { readonly kind: 'look'; readonly facts: NodeFacts }
  /** `threads` as last read. */
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

export const RULES: Rules = {
  timing: TIMING,
  protection: 'availability',
  rows: ROWS,
  answerRequest,
  withGrant,
  amnesiacWitness,
  answerCommand,
};

const MOST_ROWS = 4;

export function decideStep(state: NodeState, event: NodeEvent, now: number, rules: Rules = RULES): Step {
  const draft: Draft = { state, effects: [], rows: [], now, rules };
  if (event.kind === 'pulse') sendDue(draft, event.facts);
  if (event.kind === 'look') look(draft, event.facts);
  if (event.kind === 'message') hear(draft, event.from, event.message, event.threads);
  const answer = event.kind === 'command' ? obey(draft, event.command, event.facts) : undefined;
  if (event.kind !== 'pulse' && draft.state.decided !== state.decided) renewIfDue(draft, null);
  if (event.kind === 'look' && lacksLease(draft)) renewIfDue(draft, event.facts);
  refreshFence(draft);
  const step = { state: draft.state, effects: draft.effects, rows: draft.rows };
  return answer === undefined ? step : { ...step, answer };
}

/** A node that has just been confirmed as the primary does not wait for the next pulse to ask for its lease. */
function lacksLease({ state, now, rules: { timing } }: Draft): boolean {
  const asked = state.lease.sent.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  return state.proposal === null && leaseUntil(state, timing) <= now && now - asked >= timing.renewMs;
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
  const leased = leaseUntil(draft.state, draft.rules.timing) > draft.now;
  change(draft, { leasedAt: leased ? (draft.state.leasedAt ?? draft.now) : null });
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

function refreshFence(draft: Draft): void {
  const { state, rules } = draft;
  const until = leaseUntil(state, rules.timing) - rules.timing.fenceMarginMs;
  if (!state.opened || until <= state.openUntil || until <= draft.now) return;
  change(draft, { openUntil: until });
  draft.effects.push({ kind: 'fence-open', until });
}
