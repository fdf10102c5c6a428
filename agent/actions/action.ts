/**
 * The contract of an action: check what is, plan the difference (pure), apply it, and the executor checks again.
 *
 * Invariants: check changes nothing; plan does no I/O; apply twice is the same as apply once; secrets are in neither
 * facts nor changes. An action without `apply` only reads.
 */

import type { FactsOf } from '../../shared/model/action-facts.ts';
import type { ActionName, ActionParams, Change } from '../../shared/protocol/actions.ts';
import type { Host } from '../host/host.ts';

export interface ActionSpec<N extends ActionName, S> {
  /** What is locked while the action runs, e.g. "packages", "path:/etc/x", "unit:x.service", "sql". */
  resources(params: ActionParams<N>): readonly string[];
  check(host: Host, params: ActionParams<N>): Promise<S>;
  plan?(state: S, params: ActionParams<N>): readonly Change[];
  apply?(host: Host, state: S, params: ActionParams<N>): Promise<void>;
  /** The part of what check found that leaves the host. */
  facts(state: S): FactsOf<N>;
}

/** What check found, and what there is to do about it. */
export interface Observation<N extends ActionName> {
  readonly facts: FactsOf<N>;
  readonly changes: readonly Change[];
  apply(): Promise<void>;
}

export interface Action<N extends ActionName> {
  resources(params: ActionParams<N>): readonly string[];
  observe(host: Host, params: ActionParams<N>): Promise<Observation<N>>;
}

/** Hides the type of what check finds, so that actions of every kind fit one registry. */
export function defineAction<N extends ActionName, S>(spec: ActionSpec<N, S>): Action<N> {
  return {
    resources: (params) => spec.resources(params),
    async observe(host, params) {
      const state = await spec.check(host, params);
      return {
        facts: spec.facts(state),
        changes: spec.plan?.(state, params) ?? [],
        apply: async () => spec.apply?.(host, state, params),
      };
    },
  };
}
