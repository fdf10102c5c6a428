/** A step in the making: what the node knows by now, and the effects so far. */

import type { answerCommand } from './commands.ts';
import type { Protection } from './context.ts';
import type { Effect, Message } from './effects.ts';
import type { withGrant } from './lease.ts';
import type { NodeState } from './node-state.ts';
import type { Row } from './table.ts';
import type { Timing } from './timing.ts';
import type { amnesiacWitness, answerRequest } from './voter.ts';
import { VOTERS, type VoterId } from './weights.ts';

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

export interface Draft {
  state: NodeState;
  readonly effects: Effect[];
  readonly rows: Row[];
  readonly now: number;
  readonly rules: Rules;
}

export function change(draft: Draft, patch: Partial<NodeState>): void {
  draft.state = { ...draft.state, ...patch };
}

export function send(draft: Draft, to: VoterId, message: Message): void {
  draft.effects.push({ kind: 'send', to, message });
}

export function others({ state }: Draft): VoterId[] {
  return VOTERS.filter((voter) => voter !== state.id);
}
