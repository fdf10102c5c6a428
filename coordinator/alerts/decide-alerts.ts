/**
 * The decision about alerts: from those that are open and the facts of all pairs to what changes and who is told. Pure.
 *
 * An alert is open once for each rule, pair and host. It waits until it has been so for `for`, is told to the receivers that
 * are told at once, again after `repeat`, and to those of `after` while nobody acknowledges it; its end is told to whoever
 * knows of it. In quiet hours a warning waits; one that is over by then is never told, unless it is something that happened.
 */

import type { AlertsSpec } from '../../shared/model/alerts-file.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { mergeDeliveries } from './merge-deliveries.ts';
import type { AlertRule, Finding, PairFacts } from './rule.ts';
import type { AlertState } from './state.ts';
import { type AlertDecision, tell } from './tell.ts';

export interface AlertInput {
  readonly open: readonly AlertState[];
  readonly facts: readonly PairFacts[];
  /** Events that nobody has looked at yet, oldest first. */
  readonly news: readonly StoredEvent[];
  readonly rules: ReadonlyMap<string, AlertRule>;
  readonly alerts: AlertsSpec;
  readonly now: number;
}

interface Found extends Finding {
  readonly event: number | null;
}

export function decideAlerts(input: AlertInput): AlertDecision {
  const { open, facts, rules } = input;
  const byPair = new Map(facts.map((one) => [one.spec.name, one]));
  const found = findAll(input, byPair);
  const known = new Set(open.map(({ key }) => key));
  const begun = [...found].flatMap(([key, one]) => (known.has(key) ? [] : begin(key, one, input, byPair)));
  const steps = [...open, ...begun].map((alert) => {
    const rule = rules.get(alert.rule);
    const own = byPair.get(alert.params.pair);
    // A rule or a pair that has left the file takes its alerts along.
    if (rule === undefined || own === undefined)
      return { alert, next: close(alert, input.now), deliveries: [] };
    const one = found.get(alert.key);
    const next = followed(alert, one, rule, own);
    return { alert, ...tell(next, one?.params ?? next.params, rule, input) };
  });
  return {
    alerts: steps
      .filter(({ alert, next }) => !isDropped(next) && (next !== alert || begun.includes(alert)))
      .map(({ next }) => next),
    dropped: steps
      .filter(({ alert, next }) => isDropped(next) && !begun.includes(alert))
      .map(({ next }) => next.key),
    deliveries: mergeDeliveries(
      steps.flatMap(({ deliveries }) => deliveries),
      input.alerts.receivers,
    ),
  };
}

/** Nobody was told of it, and it is over. */
const isDropped = ({ raised, closed, told }: AlertState): boolean =>
  closed !== null && raised === null && told.length === 0;

const close = (alert: AlertState, now: number): AlertState => ({ ...alert, closed: now });

/** What is found now, by key: rule, pair and host. */
function findAll(
  { rules, news, facts, now }: AlertInput,
  byPair: ReadonlyMap<string, PairFacts>,
): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const [id, rule] of rules) {
    const put = (pair: string, one: Finding | null, event: number | null): void => {
      if (one !== null) found.set([id, pair, one.host ?? ''].join('/'), { ...one, event });
    };
    if ('find' in rule) {
      // Where it is known since when, it counts from then on.
      for (const own of facts.filter(({ deployed }) => deployed))
        for (const one of rule.find(own))
          if (one.since === undefined || now - one.since >= rule.forMs) put(own.spec.name, one, null);
    } else
      for (const event of news) {
        const own = byPair.get(event.pair);
        if (own !== undefined) put(event.pair, rule.opens(event, own), event.id);
      }
  }
  return found;
}

/** Silence is no all-clear: what is known of a host that does not answer stays as it was. */
function isKnown({ key }: AlertState, { state }: PairFacts): boolean {
  const [, , name] = key.split('/');
  return state.hosts.some(
    (host) => (name === '' || host.name === name) && host.reachable && host.heartbeat !== null,
  );
}

function begin(
  key: string,
  { since, params, event }: Found,
  { rules, now }: AlertInput,
  byPair: ReadonlyMap<string, PairFacts>,
): AlertState[] {
  const [id = ''] = key.split('/');
  const rule = rules.get(id);
  const busy = (byPair.get(params.pair)?.work ?? null) !== null && event === null;
  if (rule === undefined || (busy && rule.always !== true)) return [];
  return [
    {
      ...{ key, rule: id, severity: rule.severity, params, since: since ?? now, event },
      ...{ raised: null, gone: null, closed: null, acknowledged: null, acknowledgedBy: null },
      ...{ lastTold: null, told: [] },
    },
  ];
}

/** The alert with what is known now; an alert that has not changed stays the same object. */
function followed(
  alert: AlertState,
  found: Found | undefined,
  rule: AlertRule,
  facts: PairFacts,
): AlertState {
  const { now } = facts;
  if (found !== undefined && found.event !== alert.event) {
    // It happened once more: that is news to everybody.
    const again = { raised: null, gone: null, acknowledged: null, acknowledgedBy: null };
    return { ...alert, ...again, params: found.params, since: found.since ?? now, event: found.event };
  }
  const holds = 'find' in rule ? found !== undefined : !rule.over(alert, facts);
  if (!holds && !isKnown(alert, facts)) return alert;
  if (holds) return alert.gone === null ? alert : { ...alert, gone: null };
  return alert.gone === null ? { ...alert, gone: now } : alert;
}
