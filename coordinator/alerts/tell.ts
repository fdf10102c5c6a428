/** Who is told of an alert, of what, and when: the second half of the decision. Pure. */

import type { AlertsSpec, ReceiverSpec } from '../../shared/model/alerts-file.ts';
import type { Delivery } from '../store/alerts.ts';
import type { AlertMessage, AlertParams, MessageKind } from './message.ts';
import { quietUntil } from './quiet-hours.ts';
import type { AlertRule } from './rule.ts';
import type { AlertState } from './state.ts';

export interface AlertDecision {
  readonly alerts: readonly AlertState[];
  readonly dropped: readonly string[];
  readonly deliveries: readonly Delivery[];
}

/** What comes and goes within this is one alert. */
export const SETTLE_MS = 15_000;

interface TellInput {
  readonly alerts: AlertsSpec;
  readonly now: number;
}

interface Told {
  readonly next: AlertState;
  readonly deliveries: readonly Delivery[];
}

/**
 * What is to be told of the alert now. `params` are what is known now: numbers go up and down, and are told as they are when
 * they are told.
 */
export function tell(alert: AlertState, params: AlertParams, rule: AlertRule, input: TellInput): Told {
  const { now, alerts } = input;
  const quiet = alert.severity === 'critical' ? null : quietUntil(now, alerts);
  if (alert.raised === null)
    return quiet === null ? raise(alert, params, rule, input) : awaitMorning(alert, rule, now);
  if (alert.gone !== null) {
    if (now - alert.gone < SETTLE_MS) return { next: alert, deliveries: [] };
    const names = new Set(alert.told);
    const to = alerts.receivers.filter(({ name }) => names.has(name));
    return {
      next: { ...alert, closed: now },
      deliveries: to.map((one) => deliver(alert, 'cleared', one, now, quiet)),
    };
  }
  return quiet === null && alert.acknowledged === null
    ? remind(alert, params, rule, input)
    : { next: alert, deliveries: [] };
}

/** What is over before anybody was told is dropped; what happened is told all the same. */
const isMoot = (alert: AlertState, rule: AlertRule): boolean => alert.gone !== null && 'find' in rule;

function awaitMorning(alert: AlertState, rule: AlertRule, now: number): Told {
  return { next: isMoot(alert, rule) ? { ...alert, closed: now } : alert, deliveries: [] };
}

function raise(alert: AlertState, params: AlertParams, rule: AlertRule, { now, alerts }: TellInput): Told {
  if (isMoot(alert, rule)) return { next: { ...alert, closed: now }, deliveries: [] };
  if (now - alert.since < rule.forMs) return { next: alert, deliveries: [] };
  const to = alerts.receivers.filter((one) => one.afterMs === 0 && hears(one, alert));
  const told = [...new Set([...alert.told, ...to.map(({ name }) => name)])];
  return {
    next: { ...alert, params, raised: now, lastTold: now, told },
    deliveries: to.map((one) => deliver({ ...alert, params }, 'raised', one, now)),
  };
}

/** Again to those who know, where it is time; and to those who are told of what nobody takes on. */
function remind(alert: AlertState, params: AlertParams, rule: AlertRule, { now, alerts }: TellInput): Told {
  const { told, raised, lastTold } = alert;
  const again = rule.repeatMs > 0 && now - (lastTold ?? now) >= rule.repeatMs;
  const repeated = again ? alerts.receivers.filter(({ name }) => told.includes(name)) : [];
  const escalated = alerts.receivers.filter(
    (one) =>
      !told.includes(one.name) &&
      one.afterMs > 0 &&
      hears(one, alert) &&
      now - (raised ?? now) >= one.afterMs,
  );
  if (repeated.length + escalated.length === 0) return { next: alert, deliveries: [] };
  return {
    next: {
      ...{ ...alert, params },
      lastTold: again ? now : lastTold,
      told: [...told, ...escalated.map(({ name }) => name)],
    },
    deliveries: [
      ...repeated.map((one) => deliver({ ...alert, params }, 'repeated', one, now)),
      ...escalated.map((one) => deliver({ ...alert, params }, 'escalated', one, now)),
    ],
  };
}

const hears = ({ severity }: ReceiverSpec, alert: AlertState): boolean =>
  severity === 'warning' || alert.severity === 'critical';

/** To everybody who knows of the alert: somebody is on it. */
export function acknowledge(alert: AlertState, by: string, alerts: AlertsSpec, now: number): AlertDecision {
  const next = { ...alert, acknowledged: now, acknowledgedBy: by };
  const quiet = alert.severity === 'critical' ? null : quietUntil(now, alerts);
  const to = alerts.receivers.filter(({ name }) => alert.told.includes(name));
  return {
    ...{ alerts: [next], dropped: [] },
    deliveries: to.map((one) => deliver(next, 'acknowledged', one, now, quiet)),
  };
}

function deliver(
  alert: AlertState,
  kind: MessageKind,
  to: ReceiverSpec,
  now: number,
  due: number | null = null,
): Delivery {
  const { key, rule, severity, params, since, acknowledgedBy: by } = alert;
  const message: AlertMessage = { kind, key, rule, severity, params, since, time: now, by, also: [] };
  return { key, receiver: to.name, message, due: due ?? now };
}
