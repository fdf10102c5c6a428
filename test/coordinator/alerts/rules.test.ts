/** Every rule: when it finds something, what it tells in both languages, and that a healthy pair is left alone. */

import { test } from 'tap';
import type { AlertMessage } from '../../../coordinator/alerts/message.ts';
import { alertText, renderAlert } from '../../../coordinator/alerts/render-message.ts';
import type { Finding } from '../../../coordinator/alerts/rule.ts';
import { ALERT_RULES, type AlertRuleId } from '../../../coordinator/alerts/rules.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import type { OutageView } from '../../../shared/api/history.ts';
import type { VotingState } from '../../../shared/model/facts.ts';
import { makeFacts, type PictureWish } from '../../support/alert-pairs.ts';
import { type HeartbeatWish, makeHeartbeat, makeVoting, serverDown } from '../../support/make-heartbeat.ts';
import { NOW } from '../../support/make-readings.ts';

const DAY_MS = 86_400_000;

const on = (host: 'db1' | 'db2', wish: HeartbeatWish) => (time: number) =>
  makeHeartbeat(host, { time, ...wish });
/** What both guards say of the votes. */
const voting = (more: Partial<VotingState>, standby: Partial<VotingState> = {}): PictureWish => ({
  db1: on('db1', { guard: { voting: makeVoting(true, more) } }),
  db2: on('db2', { guard: { voting: makeVoting(false, { ...more, ...standby }) } }),
});

const event = (kind: StoredEvent['kind'], more: Partial<StoredEvent>): StoredEvent => ({
  ...{ id: 77, time: NOW - 5000, pair: 'orders', host: 'db2', kind, message: '', data: {} },
  ...more,
});
const moved = event('VipMoved', { data: { from: 'db1', to: 'db2', gapMs: 900 } });
const returned = event('VipRestored', { host: 'db1', data: { missingMs: 4200 } });

type Case = readonly [wish: PictureWish, command: string, host: string | null];
const STATES: Partial<Record<AlertRuleId, Case>> = {
  no_primary: [
    { db1: (time) => serverDown('db1', { time, vip: false }), db2: on('db2', {}) },
    ...(['coordinator status orders', null] as const),
  ],
  unreachable: [{ db1: () => null, db2: () => null }, 'coordinator status orders', null],
  two_writers: [{ db2: on('db2', { database: { readOnly: false } }) }, 'coordinator fence on db2', null],
  solo: [voting({ mode: 'solo' }), 'coordinator logs db2 --since 30m', null],
  standby: [voting({}, { promotable: false }), 'coordinator logs db2 --since 30m', 'db2'],
  witness: [
    voting({ hears: { peer: true, witness: false } }),
    'coordinator events --pair orders --since 1h',
    null,
  ],
  drill_overdue: [{ facts: { drilledAt: NOW - 100 * DAY_MS } }, 'coordinator drill orders', null],
  repair: [voting({ mode: 'solo' }, { phase: 'NEEDS_REPAIR' }), 'coordinator reseed db2', 'db2'],
  process_down: [
    { db2: on('db2', { units: { 'keepalived.service': 'failed' } }) },
    'coordinator deploy orders',
    'db2',
  ],
  agent_silent: [
    { db2: (time) => (time < NOW - 5000 ? makeHeartbeat('db2', { time }) : null) },
    'coordinator agent list',
    'db2',
  ],
  lag: [{ db2: on('db2', { channel: { secondsBehind: 60 } }) }, 'coordinator status orders', 'db2'],
  disk_full: [{ db1: on('db1', { rest: { diskFreeBytes: 2e9 } }) }, 'ssh root@10.88.0.11 df -h', 'db1'],
  disk_filling: [{ db1: on('db1', { rest: { diskFreeBytes: 12e9 } }) }, 'ssh root@10.88.0.11 df -h', 'db1'],
  drift: [
    {
      db2: on('db2', {
        rest: { drift: [{ path: '/etc/keepalived/keepalived.conf', how: 'content', stamp: 'x' }] },
      }),
    },
    ...(['coordinator plan orders', 'db2'] as const),
  ],
  certificate_ends: [
    { db1: on('db1', { rest: { certificates: { agent: NOW + 3 * DAY_MS } } }) },
    'coordinator agent install db1',
    'db1',
  ],
  certificate: [
    { db1: on('db1', { rest: { certificates: { agent: NOW + 20 * DAY_MS } } }) },
    'coordinator agent install db1',
    'db1',
  ],
};
const MOVE: OutageView = {
  ...{ id: 77, from: 'db1', to: 'db2', began: NOW - 5900, ended: NOW - 5000, gapMs: 900 },
  gapFrom: 'heartbeats',
  ...{ cause: 'server-down', because: null, phases: null },
};
const RETURN: OutageView = { ...MOVE, to: 'db1', gapMs: 4200, cause: 'isolated' };
const EVENTS: Partial<Record<AlertRuleId, readonly [StoredEvent, OutageView]>> = {
  failover: [moved, MOVE],
  fence_lapse: [returned, RETURN],
};

function foundBy(id: AlertRuleId, wish: PictureWish, news: readonly StoredEvent[] = []): readonly Finding[] {
  const rule = ALERT_RULES[id];
  const facts = makeFacts(wish);
  return 'find' in rule ? rule.find(facts) : news.flatMap((one) => rule.opens(one, facts) ?? []);
}

const IDS = Object.keys(ALERT_RULES) as AlertRuleId[];

test('a healthy pair: no rule finds anything', async (t) => {
  for (const id of IDS.filter((one) => one !== 'drill_overdue')) t.same(foundBy(id, {}), [], id);
  t.match(
    foundBy('drill_overdue', {}),
    [{ since: NOW - DAY_MS }],
    'a drill is always so long ago; `for` is how long it may be',
  );
});

for (const id of IDS)
  test(`${id}: what is found, and what is told in both languages`, async (t) => {
    const own = EVENTS[id];
    const happened: Case = [
      { facts: { outages: own === undefined ? [] : [own[1]] } },
      ...(['coordinator events --explain 77', null] as const),
    ];
    const [wish, command, host] = STATES[id] ?? happened;
    const [found, second] = foundBy(id, wish, own === undefined ? [] : [own[0]]);
    t.equal(second, undefined, 'once');
    t.match(found, { host, params: { pair: 'orders', command } });
    if (found === undefined) return;
    for (const language of ['en', 'zh'] as const)
      for (const kind of ['raised', 'repeated', 'escalated', 'acknowledged', 'cleared'] as const) {
        const { severity } = ALERT_RULES[id];
        const times = { since: NOW - 600_000, time: NOW };
        const message: AlertMessage = {
          kind,
          key: id,
          rule: id,
          severity,
          params: found.params,
          ...times,
          by: null,
          also: [],
        };
        const rendered = renderAlert(message, 12, language, 'Asia/Shanghai');
        const words = `${rendered.title}\n${alertText(rendered)}`;
        t.notMatch(words, /null|undefined|NaN|\.\./, `${language} ${kind}`);
        t.match(words, /2026-11-22 15:50:00 Asia\/Shanghai/, 'since when, on the clock of the file');
        if (kind !== 'raised') continue;
        t.ok(words.includes(command) && words.includes('coordinator alert ack 12'), 'the exact commands');
        t.equal(/[\u4e00-\u9fff]/.test(words), language === 'zh');
        t.ok(
          rendered.parts.every((part) => part.text.length > 3),
          'what hotpair did, and what is left',
        );
      }
  });

test('what is not for anybody: planned, drilled, ordered', async (t) => {
  for (const cause of ['planned', 'drill'] as const)
    t.same(foundBy('failover', { facts: { outages: [{ ...MOVE, cause }] } }, [moved]), []);
  t.same(foundBy('failover', { facts: { outages: [RETURN] } }, [returned]), [], 'it did not move');
  t.same(foundBy('fence_lapse', { facts: { outages: [MOVE] } }, [moved]), [], 'it moved');
  const order = { kind: 'maintenance', reason: 'new disk', expiresAt: null };
  t.same(foundBy('solo', voting({ mode: 'solo' }, { order })), []);
  t.same(
    foundBy('agent_silent', { db1: () => null, db2: () => null }).length,
    0,
    'both: unreachable says it',
  );
});

test('a rule that is of no version here is told by its name', async (t) => {
  const [found] = foundBy('solo', voting({ mode: 'solo' }));
  if (found === undefined) throw new TypeError('nothing found');
  const message = {
    kind: 'raised',
    key: 'x',
    rule: 'of_tomorrow',
    severity: 'warning',
    params: found.params,
  } as const;
  t.match(
    renderAlert({ ...message, since: NOW, time: NOW, by: null, also: [] }, 1, 'en', 'UTC').title,
    /of_tomorrow/,
  );
});
