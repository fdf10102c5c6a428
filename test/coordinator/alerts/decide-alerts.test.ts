/** Who is told of what, and when: the decision, minute by minute. */

import { test } from 'tap';
import { type AlertInput, decideAlerts } from '../../../coordinator/alerts/decide-alerts.ts';
import { alertText, renderAlert } from '../../../coordinator/alerts/render-message.ts';
import type { PairFacts } from '../../../coordinator/alerts/rule.ts';
import { rulesOf } from '../../../coordinator/alerts/rules.ts';
import type { AlertState } from '../../../coordinator/alerts/state.ts';
import { acknowledge } from '../../../coordinator/alerts/tell.ts';
import { outageOf } from '../../../coordinator/api/outages.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import type { AlertsSpec } from '../../../shared/model/alerts-file.ts';
import { makeFacts, type PictureWish } from '../../support/alert-pairs.ts';
import { makeAlerts, makeReceiver } from '../../support/make-alerts.ts';
import { makeHeartbeat, makeVoting } from '../../support/make-heartbeat.ts';
import { NOW } from '../../support/make-readings.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const SOLO: PictureWish = {
  db1: (time) => makeHeartbeat('db1', { time, guard: { voting: makeVoting(true, { mode: 'solo' }) } }),
  db2: (time) => makeHeartbeat('db2', { time, guard: { voting: makeVoting(false, { mode: 'solo' }) } }),
};
const LAGGING: PictureWish = {
  db2: (time) => makeHeartbeat('db2', { time, channel: { secondsBehind: 60 } }),
};
const SILENT: PictureWish = { db1: () => null, db2: () => null };

/** Keeps the open alerts from one look to the next; answers who is told what at each. */
function desk(wish: Partial<AlertsSpec> = {}) {
  const alerts = makeAlerts(wish);
  let open: readonly AlertState[] = [];
  const keep = ({ alerts: changed, dropped }: ReturnType<typeof decideAlerts>): void => {
    const rest = open.filter(({ key }) => !dropped.includes(key) && !changed.some((one) => one.key === key));
    open = [...rest, ...changed].filter(({ closed }) => closed === null);
  };
  const told = (made: ReturnType<typeof decideAlerts>): string[] => {
    keep(made);
    return made.deliveries.map(({ receiver, message, due }) => {
      const later = due > message.time ? ` at ${new Date(due).toISOString().slice(11, 16)}` : '';
      return `${receiver}: ${message.kind} ${message.rule}${later}`;
    });
  };
  return {
    get open() {
      return open;
    },
    look(picture: PictureWish, now: number, news: readonly StoredEvent[] = []): string[] {
      const outages = news.flatMap((event) => outageOf(event, news, []) ?? []);
      const facts: readonly PairFacts[] = [
        makeFacts({ ...picture, facts: { outages, ...picture.facts } }, now),
      ];
      const input: AlertInput = { open, facts, news, rules: rulesOf(alerts.rules), alerts, now };
      return told(decideAlerts(input));
    },
    ack(now: number): string[] {
      const [first] = open;
      return first === undefined ? [] : told(acknowledge(first, 'anna', alerts, now));
    },
  };
}

const moved = (id: number, time: number): StoredEvent => ({
  ...{ id, time, pair: 'orders', host: 'db2', kind: 'VipMoved', message: '' },
  data: { from: 'db1', to: 'db2', gapMs: 900 },
});

test('told once it has been so for long enough, again after a while, and when it is over', (t) => {
  const { look } = desk();
  t.same(look(SOLO, NOW), []);
  t.same(look(SOLO, NOW + 14 * MINUTE), []);
  t.same(look(SOLO, NOW + 15 * MINUTE), ['group: raised solo']);
  t.same(look(SOLO, NOW + 16 * MINUTE), [], 'once');
  t.same(look(SOLO, NOW + 15 * MINUTE + 4 * HOUR), ['group: repeated solo']);
  t.same(look({}, NOW + 5 * HOUR), [], 'it may come back');
  t.same(look({}, NOW + 5 * HOUR + 15_000), ['group: cleared solo']);
  t.same(look({}, NOW + 6 * HOUR), []);
  t.end();
});

test('what is over before it was told is told to nobody, and counts from the beginning again', (t) => {
  const one = desk();
  t.same(one.look(SOLO, NOW), []);
  t.same(one.look({}, NOW + 14 * MINUTE), []);
  t.same(one.open, []);
  t.same(one.look(SOLO, NOW + 15 * MINUTE), []);
  t.end();
});

test('what comes and goes within seconds is one alert', (t) => {
  const { look } = desk({ rules: { solo: { forMs: 0 } } });
  t.same(look(SOLO, NOW), ['group: raised solo']);
  for (let at = NOW + 5000; at < NOW + MINUTE; at += 10_000) {
    t.same(look({}, at), []);
    t.same(look(SOLO, at + 5000), []);
  }
  t.end();
});

test('quiet hours: a warning waits for the morning, what is critical does not, and what is over by then is not told', (t) => {
  const quiet = { quiet: { from: 22 * 60, to: 7 * 60 + 30 }, timezone: 'Asia/Shanghai' };
  const rules = { lag: { forMs: 0 }, solo: { forMs: 0 } };
  const night = Date.UTC(2026, 10, 22, 15); // 23:00 in Shanghai
  const morning = Date.UTC(2026, 10, 22, 23, 30);
  const waits = desk({ ...quiet, rules });
  t.same(waits.look(LAGGING, night), []);
  t.same(waits.look(LAGGING, morning - 1000), []);
  t.same(waits.look(LAGGING, morning), ['group: raised lag']);
  t.same(desk({ ...quiet, rules }).look(SOLO, night), ['group: raised solo']);
  const over = desk({ ...quiet, rules });
  t.same(over.look(LAGGING, night), []);
  t.same(over.look({}, night + HOUR), []);
  t.same(over.look({}, morning), []);
  const told = desk({ ...quiet, rules });
  t.same(told.look(LAGGING, night - 2 * HOUR), ['group: raised lag']);
  told.look({}, night);
  t.same(told.look({}, night + MINUTE), ['group: cleared lag at 23:30'], 'nobody is woken by an all-clear');
  t.end();
});

test('something that happened is told though it is over: at once, or in the morning', (t) => {
  const one = desk();
  t.same(one.look({}, NOW, [moved(7, NOW - 5000)]), ['group: raised failover']);
  t.same(one.look({}, NOW + 30_000), [], 'its end is no news within a minute');
  one.look({}, NOW + MINUTE);
  t.same(one.look({}, NOW + 2 * MINUTE), ['group: cleared failover']);
  const night = desk({ quiet: { from: 0, to: 9 * 60 } });
  t.same(night.look({}, NOW, [moved(7, NOW - 5000)]), []);
  night.look({}, NOW + 30 * MINUTE);
  t.same(night.look({}, NOW + HOUR), ['group: raised failover']);
  t.same(night.look({}, NOW + HOUR + 15_000), ['group: cleared failover']);
  t.end();
});

test('what happens again is news; the same event is not', (t) => {
  const { look } = desk();
  t.same(look(SOLO, NOW, [moved(7, NOW - 5000)]), ['group: raised failover']);
  t.same(look(SOLO, NOW + MINUTE, [moved(9, NOW + MINUTE - 5000)]), ['group: raised failover']);
  t.same(look(SOLO, NOW + 2 * MINUTE), []);
  t.end();
});

test('escalation: to further receivers while nobody takes it on, and to nobody once somebody has', (t) => {
  const receivers = [
    makeReceiver(),
    makeReceiver({ name: 'boss', afterMs: 15 * MINUTE, severity: 'critical' }),
    makeReceiver({ name: 'pager', severity: 'critical' }),
  ];
  const rules = { solo: { forMs: 0 }, lag: { forMs: 0 } };
  const one = desk({ receivers, rules });
  t.same(one.look(SOLO, NOW), ['group: raised solo', 'pager: raised solo']);
  t.same(one.look(SOLO, NOW + 15 * MINUTE), ['boss: escalated solo']);
  t.same(one.look(SOLO, NOW + 20 * MINUTE), []);
  t.same(one.ack(NOW + 21 * MINUTE), [
    'group: acknowledged solo',
    'boss: acknowledged solo',
    'pager: acknowledged solo',
  ]);
  t.same(one.look(SOLO, NOW + 9 * HOUR), [], 'no repeats any more');
  one.look({}, NOW + 10 * HOUR);
  t.same(one.look({}, NOW + 11 * HOUR).length, 3, 'its end is told to all of them');
  const taken = desk({ receivers, rules });
  taken.look(SOLO, NOW);
  taken.ack(NOW + MINUTE);
  t.same(taken.look(SOLO, NOW + HOUR), []);
  t.same(
    desk({ receivers, rules }).look(LAGGING, NOW),
    ['group: raised lag'],
    'the others hear of what is critical only',
  );
  t.end();
});

test('silence is no all-clear', (t) => {
  const { look } = desk({ rules: { solo: { forMs: 0 } } });
  look(SOLO, NOW);
  t.same(look(SILENT, NOW + MINUTE), []);
  t.same(look(SILENT, NOW + 3 * MINUTE), ['group: raised unreachable'], 'but it is something of its own');
  t.end();
});

test('a deploy or a drill under way raises nothing but what is always wrong', (t) => {
  const rules = { solo: { forMs: 0 } };
  t.same(desk({ rules }).look({ ...SOLO, facts: { work: 'deploy' } }, NOW), []);
  const writers: PictureWish = {
    db2: (time) => makeHeartbeat('db2', { time, database: { readOnly: false } }),
  };
  t.same(desk().look({ ...writers, facts: { work: 'drill' } }, NOW), ['group: raised two_writers']);
  t.end();
});

test('what is not deployed, and a rule that is switched off, are no trouble', (t) => {
  t.same(desk({ rules: { solo: { forMs: 0 } } }).look({ ...SOLO, facts: { deployed: false } }, NOW), []);
  const rules = { solo: { enabled: false }, lag: { forMs: 0, severity: 'critical' } } as const;
  const one = desk({ rules, receivers: [makeReceiver({ severity: 'critical' })] });
  t.same(one.look(SOLO, NOW + HOUR), []);
  t.same(one.look(LAGGING, NOW + HOUR), ['group: raised lag'], 'the severity is the one of the file');
  t.end();
});

test('a drill is overdue after so long, and no longer once one was done', (t) => {
  const { look } = desk();
  const DAY = 24 * HOUR;
  const drilled = (days: number): PictureWish => ({ facts: { drilledAt: NOW - days * DAY } });
  t.same(look(drilled(89), NOW), []);
  t.same(look(drilled(90), NOW), ['group: raised drill_overdue']);
  look(drilled(0), NOW + MINUTE);
  t.same(look(drilled(0), NOW + 2 * MINUTE), ['group: cleared drill_overdue']);
  t.end();
});

test('the same trouble of many pairs at once is one message to people, and one each to programs', (t) => {
  const receivers = [makeReceiver({ format: 'dingtalk' }), makeReceiver({ name: 'hook' })];
  const many = (count: number) => {
    const facts = Array.from({ length: count }, (_, n) => {
      const one = makeFacts(SOLO);
      return { ...one, spec: { ...one.spec, name: `p${n}` } };
    });
    const alerts = makeAlerts({ receivers, rules: { solo: { forMs: 0 } } });
    return decideAlerts({ open: [], facts, news: [], rules: rulesOf(alerts.rules), alerts, now: NOW })
      .deliveries;
  };
  const told = many(40);
  const toGroup = told.filter(({ receiver }) => receiver === 'group');
  t.equal(told.length, 41);
  t.equal(toGroup.length, 1);
  const [first] = toGroup;
  if (first === undefined) throw new TypeError('nobody was told');
  const rendered = renderAlert(first.message, 1, 'en', 'UTC');
  t.match(rendered.title, /^\[CRITICAL\] p0 and 39 more: The pair is in SOLO/);
  t.match(alertText(rendered), /The same at the same time: p1, p2, .*, p30, …[\s\S]*coordinator alert list/);
  t.match(renderAlert(first.message, 1, 'zh', 'UTC').title, /^\[严重\] p0 等 40 对/);
  t.equal(many(3).length, 6, 'a few are told one by one');
  t.end();
});

test('a rule or a pair that left the file takes its alerts along', (t) => {
  const one = desk({ rules: { solo: { forMs: 0 } } });
  one.look(SOLO, NOW);
  const alerts = makeAlerts();
  const made = decideAlerts({ open: one.open, facts: [], news: [], rules: rulesOf({}), alerts, now: NOW });
  t.match(made, { alerts: [{ rule: 'solo', closed: NOW }], deliveries: [] });
  t.end();
});
