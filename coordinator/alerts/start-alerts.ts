/** Alerts while the daemon runs: looks at the pairs each second, decides, writes down, and empties the outbox. */

import type { AlertsSpec } from '../../shared/model/alerts-file.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { PairBoard } from '../api/pair-board.ts';
import type { AlertChanges } from '../store/alerts.ts';
import { createAttempt } from '../store/attempt.ts';
import type { NewEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import { decideAlerts } from './decide-alerts.ts';
import { OutboxRunner } from './outbox-runner.ts';
import { PairWatch } from './pair-watch.ts';
import type { AlertRule } from './rule.ts';
import { rulesOf } from './rules.ts';
import { WORDS } from './words.ts';

export interface AlertsOptions {
  readonly spec: HotpairSpec;
  readonly alerts: AlertsSpec;
  readonly board: PairBoard;
  readonly store: Store;
  readonly record: (event: NewEvent) => void;
  /** A message was tried. */
  readonly onSent: (taken: boolean) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const LOOK_MS = 1000;

const NOTHING = { alerts: [], dropped: [], deliveries: [] };

/** Returns a function that settles when nothing is under way any more; what is not delivered stays in the outbox. */
export function startAlerts(options: AlertsOptions): () => Promise<void> {
  const { spec, alerts, board, store, record, log, signal, onSent } = options;
  const rules = rulesOf(alerts.rules);
  const watch = new PairWatch(board, store);
  const runner = new OutboxRunner({ spec, record, log, signal, onSent, outbox: store.alerts });
  // What happened before there were alerts is no news.
  store.alerts.update((_open, last) => (last === null ? { ...NOTHING, event: store.events.lastId() } : null));
  const attempt = createAttempt(log, 'alerts could not be looked at; it is tried again');
  const look = (): void => {
    attempt(() => {
      decide(options, watch, rules);
      runner.look();
    });
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return async () => {
    clearInterval(timer);
    await runner.idle();
  };
}

/** One look: what follows from the open alerts, the news and the pairs as they are, written in one go. */
function decide(options: AlertsOptions, watch: PairWatch, rules: ReadonlyMap<string, AlertRule>): void {
  const { store, alerts, record } = options;
  const now = Date.now();
  let made: AlertChanges | undefined;
  store.alerts.update((open, last) => {
    const from = last ?? store.events.lastId();
    const news = watch.news(from, now);
    watch.learn(news);
    const decision = decideAlerts({ open, facts: watch.facts(now), news, rules, alerts, now });
    const event = news.at(-1)?.id ?? from;
    const changed = decision.alerts.length + decision.dropped.length + decision.deliveries.length > 0;
    if (!changed && event === last) return null;
    made = { ...decision, event };
    return made;
  });
  for (const event of eventsOf(made)) record(event);
}

/** For the history: who is told of what. */
function eventsOf(made: AlertChanges | undefined): NewEvent[] {
  const told =
    made?.deliveries.filter(({ message: { kind } }) => kind === 'raised' || kind === 'cleared') ?? [];
  return [...Map.groupBy(told, ({ key, message: { kind } }) => `${kind} ${key}`).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { kind, rule, params, severity } = first.message;
    const to = same.map(({ receiver }) => receiver);
    const words = kind === 'raised' ? 'what' : 'over';
    const english = WORDS.en.rules;
    const sentence = rule in english ? english[rule as keyof typeof english][words](params) : rule;
    return [
      {
        ...{ pair: params.pair, host: params.host, data: { rule, severity, to } },
        kind: kind === 'raised' ? 'AlertRaised' : 'AlertCleared',
        message: `${to.join(', ')} told: ${sentence}`,
      } as const,
    ];
  });
}
