/** What a deploy would change, as data and as text that people read and tests compare. Pure. */

import type { Change } from '../../shared/protocol/actions.ts';
import { describeCall } from './describe-call.ts';
import { type PairFacts, primaryIndex } from './facts.ts';
import type { Observation, Observed } from './observe.ts';
import { isSatisfied, type Step } from './step.ts';
import type { AppliedChange } from './step-track.ts';

export interface PlanStep {
  readonly step: Step;
  readonly changes: readonly AppliedChange[];
  /** What has to come about besides, e.g. "the VIP is on no host". */
  readonly missing: string | null;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Sentences for people: restarts, and what they cost. */
  readonly notes: readonly string[];
}

export function makePlan(observations: readonly Observation[], facts: PairFacts): Plan {
  const steps = [...new Set(observations.map(({ step }) => step))];
  const planned = steps.map((step) => planStep(step, observations, facts)).filter(isOpen);
  return { steps: planned, notes: restartNotes(planned, facts) };
}

export function isEmpty(plan: Plan): boolean {
  return plan.steps.length === 0;
}

export function planChanges(plan: Plan): readonly AppliedChange[] {
  return plan.steps.flatMap(({ changes }) => changes);
}

/** The deploy would interrupt clients of a pair that serves. */
export function interrupts(plan: Plan): boolean {
  return plan.notes.length > 0;
}

function isOpen({ changes, missing }: PlanStep): boolean {
  return changes.length > 0 || missing !== null;
}

function planStep(step: Step, observations: readonly Observation[], facts: PairFacts): PlanStep {
  const own = observations.filter((one) => one.step === step && !one.done);
  const changes = own.flatMap(({ host, calls }) => {
    const name = facts.pair.hosts[host].name;
    return withRestart(calls).map((change) => ({ ...change, step: step.id, host: name }));
  });
  return { step, changes, missing: own.find(({ missing }) => missing !== null)?.missing ?? null };
}

/** A call that could not be looked at yet (there is no server, no account) is told from its parameters. */
function changesOf({ call, result }: Observed): readonly Change[] {
  if (isSatisfied(call, result)) return [];
  return result.outcome === 'failed' ? describeCall(call) : result.changes;
}

/** The service of a file that changes is restarted, though it runs with the file as it is now. */
function withRestart(calls: readonly Observed[]): readonly Change[] {
  const changed = new Set(calls.flatMap(changesOf).map(({ subject }) => subject));
  return calls.flatMap((observed) => {
    const changes = changesOf(observed);
    const { call, result } = observed;
    if (call.action !== 'service-ensure' || changes.length > 0 || !isActive(result.facts)) return changes;
    const { unit, restartIfOlderThan = [], reloadIfOlderThan = [] } = call.params;
    if (restartIfOlderThan.some((path) => changed.has(path))) return [{ subject: unit, summary: 'restart' }];
    if (reloadIfOlderThan.some((path) => changed.has(path))) return [{ subject: unit, summary: 'reload' }];
    return [];
  });
}

function isActive(facts: unknown): boolean {
  return typeof facts === 'object' && facts !== null && 'active' in facts && facts.active === 'active';
}

/** What a restart on the primary costs, the standby's being over. */
const COSTS: Readonly<Record<string, (primary: string, standby: string) => string>> = {
  'mariadb.service': (primary, standby) =>
    `The database server restarts, first on ${standby}, then on ${primary}: the VIP moves to ${standby}, and clients lose their connections for a moment.`,
  'hotpair-guard.service': (primary, standby) =>
    `The guard restarts, first on ${standby}, then on ${primary}: clients notice nothing if it is back within its lease of 0.7 s; otherwise the VIP moves to ${standby}.`,
};

function restartNotes(steps: readonly PlanStep[], facts: PairFacts): readonly string[] {
  const serving = primaryIndex(facts);
  if (serving === null) return [];
  const primary = facts.hosts[serving].spec.name;
  const standby = facts.hosts[serving === 0 ? 1 : 0].spec.name;
  return steps.flatMap(({ changes }) =>
    changes
      .filter(({ host, summary }) => host === primary && summary.startsWith('restart'))
      .flatMap(({ subject }) => {
        const cost = COSTS[subject];
        return cost === undefined ? [] : [cost(primary, standby)];
      }),
  );
}

/** The plan as lines; a change that is the same on both hosts is told once. */
export function renderPlan(plan: Plan): readonly string[] {
  return plan.steps.flatMap(({ step, changes, missing }) => [
    step.title,
    ...group(changes).flatMap(({ hosts, change }) => [
      `  ${hosts.join(', ')}: ${change.subject}: ${change.summary}`,
      ...(change.diff === undefined
        ? []
        : change.diff
            .trimEnd()
            .split('\n')
            .map((line) => `      ${line}`)),
    ]),
    ...(missing === null ? [] : [`  so far, ${missing}`]),
  ]);
}

interface Group {
  readonly hosts: string[];
  readonly change: Change;
  /** Place in the list of its host: what comes at the same place on both hosts stands together. */
  readonly place: number;
}

function group(changes: readonly AppliedChange[]): readonly Group[] {
  const groups: Group[] = [];
  const places = new Map<string, number>();
  for (const change of changes) {
    const place = places.get(change.host) ?? 0;
    places.set(change.host, place + 1);
    const same = groups.find(
      ({ change: other, hosts }) => !hosts.includes(change.host) && isSame(other, change),
    );
    if (same === undefined) groups.push({ hosts: [change.host], change, place });
    else same.hosts.push(change.host);
  }
  return groups.toSorted((a, b) => a.place - b.place);
}

function isSame(one: Change, other: Change): boolean {
  return one.subject === other.subject && one.summary === other.summary && one.diff === other.diff;
}
