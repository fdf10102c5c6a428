/**
 * One step of the choreography: what it needs first, what it asks the agents for, and when it is done. Pure data and
 * functions; the runner does the work. Every call is an idempotent action, so a step that was cut off is simply done
 * again, and "done" is what plan mode says: nothing to change.
 */

import type { Flavor } from '../../shared/flavor/flavor.ts';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { ActionName, ActionParams, ActionResult } from '../../shared/protocol/actions.ts';
import type { PairSecrets } from '../secrets.ts';
import type { PairFacts } from './facts.ts';

export type StepId =
  | 'units'
  | 'packages'
  | 'server'
  | 'accounts'
  | 'channels'
  | 'replication'
  | 'rows'
  | 'guard'
  | 'keepalived'
  | 'serving';

export type HostIndex = 0 | 1;
export const HOST_INDEXES: readonly HostIndex[] = [0, 1];

/** One action on one host. */
export type StepCall = {
  readonly [N in ActionName]: {
    readonly action: N;
    readonly params: ActionParams<N>;
    readonly deadlineMs?: number;
    /** Found in facts, not in changes: when the check alone is not enough. */
    readonly satisfied?: (result: ActionResult) => boolean;
  };
}[ActionName];

/** Everything that the calls of one host are made from. */
export interface HostView {
  readonly pair: PairSpec;
  readonly flavor: Flavor;
  readonly secrets: PairSecrets;
  readonly host: HostSpec;
  readonly peer: HostSpec;
  readonly facts: PairFacts;
  readonly mode: 'plan' | 'apply';
}

export interface Step {
  readonly id: StepId;
  readonly title: string;
  /** Steps that must be done on the same host; on both hosts where `joins` is set. */
  readonly requires: readonly StepId[];
  readonly joins: boolean;
  /** On a pair that serves, the standby is changed first and the primary only when the pair is healthy again. */
  readonly standbyFirst: boolean;
  /** Why the step must not start as things are; null when it may. */
  pre(facts: PairFacts, host: HostIndex): string | null;
  /** In order; the host's first failure ends the step. */
  calls(view: HostView): readonly StepCall[];
  /** What is still missing on the host when its calls are done; null when nothing is. Asked again for waitMs. */
  missing(facts: PairFacts, host: HostIndex): string | null;
  readonly waitMs: number;
}

/** A step with the answers that most steps give. */
export function defineStep(
  step: Pick<Step, 'id' | 'title' | 'requires'> & Partial<Omit<Step, 'id' | 'title' | 'requires'>>,
): Step {
  return {
    joins: false,
    standbyFirst: false,
    waitMs: 0,
    pre: () => null,
    calls: () => [],
    missing: () => null,
    ...step,
  };
}

/** Nothing left to do, by the action's own check and by what the call looks for in the facts. */
export function isSatisfied(call: StepCall, result: ActionResult): boolean {
  const converged = result.outcome === 'ok' || result.outcome === 'changed';
  return converged && (call.satisfied === undefined || call.satisfied(result));
}
