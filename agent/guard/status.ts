/** What a guard tells everybody else in its status file. Pure. */

import type { GuardState, VotingState } from '../../shared/model/facts.ts';
import { leaseUntil } from '../../shared/pair/context.ts';
import type { NodeState, Phase } from '../../shared/pair/node-state.ts';
import type { Timing } from '../../shared/pair/timing.ts';
import { type NodeId, peerOf } from '../../shared/pair/weights.ts';

export interface StatusInput {
  readonly state: NodeState;
  readonly now: number;
  readonly timing: Timing;
  readonly names: Readonly<Record<NodeId, string>>;
  /** Id of the last decision. */
  readonly decision: string | null;
}

const ROLES: Readonly<Record<Phase, GuardState['role']>> = {
  INIT: 'down',
  PRIMARY_SYNC: 'primary',
  PRIMARY_SOLO: 'primary',
  DRAINING: 'demoting',
  FENCED: 'demoting',
  DEMOTED: 'demoting',
  REJOINING: 'down',
  STANDBY_CATCHUP: 'standby',
  STANDBY_READY: 'standby',
  PROMOTING: 'promoting',
  NEEDS_REPAIR: 'down',
  MAINTENANCE: 'maintenance',
};

/** A primary that waits for the address is still on its way. */
export function roleOf({ phase }: NodeState, hasVip: boolean): GuardState['role'] {
  const role = ROLES[phase];
  return role === 'primary' && !hasVip ? 'promoting' : role;
}

export function votingState({ state, now, timing, names, decision }: StatusInput): VotingState {
  const record = state.decided;
  const weights = (record ?? state.seen).weights;
  const peer = peerOf(state.id);
  return {
    phase: state.phase,
    epoch: record?.epoch ?? null,
    primary: record === null ? null : names[record.primary],
    mode: record?.mode ?? null,
    votes: { own: weights[state.id], peer: weights[peer], witness: weights.W },
    hears: {
      peer: state.peer !== null && now - state.peer.at < timing.suspectMs,
      witness: now - state.witnessAt < timing.leaseMs,
    },
    promotable: state.promotable,
    leased: leaseUntil(state, timing) > now,
    leaseMs: Math.round(Math.max(0, leaseUntil(state, timing) - now)),
    order: state.order,
    note: state.note,
    decision,
  };
}
