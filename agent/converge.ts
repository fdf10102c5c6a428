/** One pass over an action: check, plan, and in apply mode apply and check again. What is still planned then is an error. */

import { AppError } from '../shared/errors/app-error.ts';
import type { FactsOf } from '../shared/model/action-facts.ts';
import type { ActionName, ActionParams, Change } from '../shared/protocol/actions.ts';
import type { Action } from './actions/action.ts';
import type { Host } from './host/host.ts';

export type Mode = 'plan' | 'apply';

export interface Converged<N extends ActionName> {
  readonly outcome: 'ok' | 'changed' | 'planned';
  readonly changes: Change[];
  readonly facts: FactsOf<N>;
}

/** Throws NOT_CONVERGED, and what the action throws. */
export async function converge<N extends ActionName>(
  action: Action<N>,
  host: Host,
  mode: Mode,
  params: ActionParams<N>,
): Promise<Converged<N>> {
  host.signal.throwIfAborted();
  const before = await action.observe(host, params);
  const changes = [...before.changes];
  if (changes.length === 0) return { outcome: 'ok', changes, facts: before.facts };
  if (mode === 'plan') return { outcome: 'planned', changes, facts: before.facts };
  host.signal.throwIfAborted();
  await before.apply();
  const after = await action.observe(host, params);
  if (after.changes.length > 0)
    throw new AppError(
      'NOT_CONVERGED',
      `After it was applied there is still: ${after.changes.map((change) => `${change.subject}: ${change.summary}`).join('; ')}.`,
      { data: { changes: after.changes } },
    );
  return { outcome: 'changed', changes, facts: after.facts };
}
