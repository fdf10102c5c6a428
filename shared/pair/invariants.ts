/**
 * I1–I10 as predicates over one step of a guard: what it knew before, what it read, and what it does. An empty list means
 * that the step keeps them.
 */

import { leaseUntil } from './context.ts';
import type { Effect } from './effects.ts';
import { isPrimary, type NodeFacts, type NodeState } from './node-state.ts';
import type { Timing } from './timing.ts';

export interface StepToJudge {
  readonly before: NodeState;
  readonly after: NodeState;
  /** As last read. */
  readonly facts: NodeFacts;
  readonly effects: readonly Effect[];
  readonly now: number;
  readonly timing: Timing;
}

export interface Invariant {
  readonly id: string;
  readonly text: string;
  readonly holds: (step: StepToJudge) => boolean;
}

const has = ({ effects }: StepToJudge, wanted: (effect: Effect) => boolean): boolean => effects.some(wanted);
const opens = (step: StepToJudge): boolean =>
  has(step, ({ kind }) => kind === 'fence-open') || has(step, (e) => e.kind === 'permit' && e.allowed);
const asksFor = ({ before, after }: StepToJudge, purpose: string): boolean =>
  after.proposal?.purpose === purpose &&
  after.proposal.asked !== null &&
  !(before.proposal?.epoch === after.proposal.epoch && before.proposal.asked !== null);

/** Effects that are performed as soon as the ones before them are; the others take time. */
export const AT_ONCE: ReadonlySet<Effect['kind']> = new Set([
  'persist',
  'send',
  'own-vote',
  'fence-open',
  'permit',
  'alarm',
]);

export const INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    text: 'A node becomes writable only in a PRIMARY phase, with a valid lease, as the decided primary.',
    holds: (step) =>
      !has(step, ({ kind }) => kind === 'writable') ||
      (isPrimary(step.after) &&
        step.after.decided?.primary === step.after.id &&
        leaseUntil(step.after, step.timing) > step.now),
  },
  {
    id: 'I2',
    text: 'Clients are let in only when commits wait for the standby, or SOLO of this node is decided.',
    holds: (step) => {
      if (!opens(step) || step.after.decided?.mode === 'solo') return true;
      return step.facts.semiSync || has(step, (e) => e.kind === 'semi-sync' && e.on);
    },
  },
  {
    id: 'I3',
    text: 'Commits stop waiting only after SOLO is decided, or where no client waits and the other node is primary; and SYNC is asked for only after they wait and one was confirmed.',
    holds: (step) => {
      const { before, facts } = step;
      const stops = facts.semiSync && has(step, (e) => e.kind === 'semi-sync' && !e.on);
      const decidedSolo =
        before.decided?.mode === 'solo' ||
        (step.after.decided?.mode === 'solo' && step.after.proposal === null);
      const follows =
        before.decided?.primary !== before.id &&
        !facts.writable &&
        (facts.waitersMs === 0 || before.servedEpoch === null);
      const undecided = step.after.decided?.epoch !== step.after.voter.ledger.record.epoch;
      if (stops && !follows && (!decidedSolo || undecided)) return false;
      const toSync = asksFor(step, 'sync') && step.after.proposal?.asked?.mode === 'sync';
      return !toSync || before.decided?.mode === 'sync' || (facts.semiSync && facts.sentinelAcked);
    },
  },
  {
    id: 'I4',
    text: 'The record of a promotion is asked for only after the confirmation path is cut, the IO thread stopped and all is applied.',
    holds: (step) =>
      !asksFor(step, 'promote') || (!step.facts.ackPathOpen && !step.facts.ioRunning && step.facts.drained),
  },
  {
    id: 'I5',
    text: 'Only a node whose replication threads ran without a break since it had received everything begins a promotion.',
    holds: ({ before, after, facts }) =>
      after.phase !== 'PROMOTING' ||
      before.phase === 'PROMOTING' ||
      (after.promotable && after.proof?.threads === facts.threads),
  },
  {
    id: 'I6',
    text: 'A guard that has not had a decision from a majority since it started lets nobody in.',
    holds: (step) => !opens(step) || step.after.decided !== null,
  },
  {
    id: 'I7',
    text: 'Nothing is persisted after an effect that takes time, by when a later step may have persisted more.',
    holds: ({ effects }) => {
      const slow = effects.findIndex(({ kind }) => !AT_ONCE.has(kind));
      return slow === -1 || !effects.slice(slow).some(({ kind }) => kind === 'persist');
    },
  },
  {
    id: 'I8',
    text: 'A server is started only when it is down and nobody holds it down.',
    holds: (step) =>
      !has(step, ({ kind }) => kind === 'server-start') || (step.facts.server === 'down' && !step.facts.held),
  },
  {
    id: 'I9',
    text: 'A node is left to the operator only when SOLO of the other one is decided.',
    holds: ({ before, after }) =>
      after.phase !== 'MAINTENANCE' ||
      before.phase === 'MAINTENANCE' ||
      (after.decided?.mode === 'solo' && after.decided.primary !== after.id),
  },
  {
    id: 'I10',
    text: 'A node that handed an epoch over lets nobody in in it: it commits nothing beyond what it handed over.',
    holds: (step) =>
      !opens(step) ||
      step.before.handedOver === null ||
      step.before.handedOver.epoch !== step.after.decided?.epoch,
  },
];

export function brokenInvariants(step: StepToJudge): readonly Invariant[] {
  return INVARIANTS.filter(({ holds }) => !holds(step));
}
