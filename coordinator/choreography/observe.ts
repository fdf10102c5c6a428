/** Asks every step on every host, in plan mode and all at once, what there would be to do. Touches nothing. */

import type { Flavor } from '../../shared/flavor/flavor.ts';
import type { ActionResult } from '../../shared/protocol/actions.ts';
import type { PairSecrets } from '../secrets.ts';
import type { AgentPort, AgentPorts, PairFacts } from './facts.ts';
import {
  HOST_INDEXES,
  type HostIndex,
  type HostView,
  isSatisfied,
  type Step,
  type StepCall,
} from './step.ts';

/** What a pair is deployed with. */
export interface Ground {
  readonly ports: AgentPorts;
  readonly flavor: Flavor;
  readonly secrets: PairSecrets;
  readonly signal?: AbortSignal;
}

export interface Observed {
  readonly call: StepCall;
  readonly result: ActionResult;
}

/** One step on one host. */
export interface Observation {
  readonly step: Step;
  readonly host: HostIndex;
  readonly calls: readonly Observed[];
  readonly missing: string | null;
  readonly done: boolean;
}

const PLAN_MS = 30_000;

export async function observe(
  ground: Ground,
  steps: readonly Step[],
  facts: PairFacts,
): Promise<readonly Observation[]> {
  const pairs = steps.flatMap((step) => HOST_INDEXES.map((host) => ({ step, host })));
  return await Promise.all(pairs.map(({ step, host }) => observeStep(ground, step, host, facts)));
}

async function observeStep(
  ground: Ground,
  step: Step,
  host: HostIndex,
  facts: PairFacts,
): Promise<Observation> {
  const wanted = step.calls(viewOf(ground, facts, host, 'plan'));
  const results = await Promise.all(wanted.map((call) => perform(ground.ports[host], call, 'plan', ground)));
  const calls = wanted.flatMap((call, index) => {
    const result = results[index];
    return result === undefined ? [] : [{ call, result }];
  });
  const missing = step.missing(facts, host);
  const done = missing === null && calls.every(({ call, result }) => isSatisfied(call, result));
  return { step, host, calls, missing, done };
}

export function viewOf(
  ground: Pick<Ground, 'flavor' | 'secrets'>,
  facts: PairFacts,
  index: HostIndex,
  mode: 'plan' | 'apply',
): HostView {
  const { pair } = facts;
  const { flavor, secrets } = ground;
  return {
    pair,
    flavor,
    secrets,
    host: pair.hosts[index],
    peer: pair.hosts[index === 0 ? 1 : 0],
    facts,
    mode,
  };
}

export function perform(
  port: AgentPort,
  call: StepCall,
  mode: 'plan' | 'apply',
  options: { readonly signal?: AbortSignal; readonly onProgress?: (message: string) => void },
): Promise<ActionResult> {
  const { signal, onProgress } = options;
  return port.action(call.action, mode, call.params, {
    deadlineMs: mode === 'plan' ? PLAN_MS : (call.deadlineMs ?? 60_000),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}
