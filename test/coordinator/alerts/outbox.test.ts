/** The outbox: what is in it arrives, in order, once, and as soon as the receiver takes it; what is secret stays secret. */

import { pino } from 'pino';
import { type Test, test } from 'tap';
import type { AlertMessage } from '../../../coordinator/alerts/message.ts';
import { OutboxRunner } from '../../../coordinator/alerts/outbox-runner.ts';
import type { AlertState } from '../../../coordinator/alerts/state.ts';
import type { AlertLog } from '../../../coordinator/store/alerts.ts';
import type { NewEvent } from '../../../coordinator/store/event-log.ts';
import { openStore } from '../../../coordinator/store/open-store.ts';
import type { ReceiverSpec } from '../../../shared/model/alerts-file.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { webReceiver } from '../../support/alert-receivers.ts';
import { makeAlerts, makeReceiver } from '../../support/make-alerts.ts';
import { makePair } from '../../support/make-pair.ts';

const params = {
  pair: 'orders',
  vip: '10.88.0.10',
  host: 'db1',
  peer: 'db2',
  detail: null,
  count: null,
  command: 'x',
};

function makeState(key: string, more: Partial<AlertState> = {}): AlertState {
  return {
    ...{ key, rule: 'solo', severity: 'critical', params, since: 1000, event: null, raised: 2000 },
    ...{
      gone: null,
      closed: null,
      acknowledged: null,
      acknowledgedBy: null,
      lastTold: null,
      told: ['group'],
    },
    ...more,
  };
}

const message = (kind: AlertMessage['kind'], key: string, time = Date.now()): AlertMessage => ({
  ...{ kind, key, rule: 'solo', severity: 'critical', params, since: time, time, by: null, also: [] },
});

function outboxOf(t: Test, receivers: readonly ReceiverSpec[], more: Partial<AlertLog> = {}) {
  const data = t.testdir();
  const store = openStore(data);
  t.teardown(() => store.close());
  const events: NewEvent[] = [];
  const lines: string[] = [];
  const controller = new AbortController();
  const runner = new OutboxRunner({
    ...{
      outbox: { ...store.alerts, ...more },
      record: (event) => void events.push(event),
      signal: controller.signal,
    },
    log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    spec: {
      ...{ pairs: [makePair()], reports: null, alerts: makeAlerts({ receivers }) },
      store: { events: 1000, decisions: 1000, samples: { fineMs: 1, minuteMs: 1, tenMinutesMs: 1 } },
      coordinator: {
        ...{
          listen: { host: '127.0.0.1', port: 0 },
          data,
          agentPort: 1,
          sshConfig: null,
          tls: null,
          smtp: null,
        },
      },
    },
  });
  const put = (...messages: (AlertMessage & { to?: string; due?: number })[]): void =>
    store.alerts.update(() => ({
      ...{
        alerts: [...new Set(messages.map(({ key }) => key))].map((key) => makeState(key)),
        dropped: [],
        event: 0,
      },
      deliveries: messages.map(({ to = 'group', due = 0, ...one }) => ({
        key: one.key,
        receiver: to,
        message: one,
        due,
      })),
    }));
  /** As time goes by. */
  const empty = (): Promise<unknown> =>
    waitFor(
      'the outbox to be empty',
      () => {
        runner.look();
        return store.alerts.pending().length === 0 || undefined;
      },
      { deadlineMs: 20_000 },
    );
  return { store, runner, put, empty, events, lines, controller };
}

const typeOf = (body: string): string => (JSON.parse(body) as { type: string }).type;

test('a receiver that is down for a while gets everything, in order, with the ids it has seen', async (t) => {
  let answers = 0;
  const web = await webReceiver(t, () => {
    answers += 1;
    return { status: answers <= 2 ? 503 : 200 };
  });
  const { put, empty, store } = outboxOf(t, [makeReceiver({ url: { text: web.url } })]);
  put(message('raised', 'solo/orders/'), message('cleared', 'solo/orders/'));
  await empty();
  t.same(
    web.posts.map(({ body }) => typeOf(body)),
    [...Array(3).fill('alert.raised'), 'alert.cleared'],
  );
  const ids = web.posts.map(({ headers }) => headers['webhook-id']);
  t.equal(new Set(ids.slice(0, 3)).size, 1);
  t.equal(new Set(ids).size, 2);
  t.same(store.alerts.pending(), []);
});

test('one receiver that takes nothing does not keep the others waiting', async (t) => {
  const [good, bad] = [await webReceiver(t), await webReceiver(t, () => ({ status: 500 }))];
  const receivers = [
    makeReceiver({ name: 'bad', url: { text: bad.url } }),
    makeReceiver({ url: { text: good.url } }),
  ];
  const { put, runner, store } = outboxOf(t, receivers);
  put({ ...message('raised', 'a/orders/'), to: 'bad' }, message('raised', 'b/orders/'));
  runner.look();
  await good.wait(1);
  await bad.wait(1);
  await runner.idle();
  t.match(store.alerts.pending(), [{ receiver: 'bad', attempts: 1, error: /answered 500/ }]);
});

test('a receiver that asks to be left alone is, for as long as it asks', async (t) => {
  const web = await webReceiver(t, () => ({ status: 429, headers: { 'retry-after': '120' } }));
  const { put, runner, store } = outboxOf(t, [makeReceiver({ url: { text: web.url } })]);
  put(message('raised', 'a/orders/'));
  const before = Date.now();
  runner.look();
  await runner.idle();
  const [pending] = store.alerts.pending();
  t.ok((pending?.due ?? 0) >= before + 120_000);
  runner.look();
  await runner.idle();
  t.equal(web.posts.length, 1, 'it is not due yet');
});

test('what failed five times is an event; after a day it is given up; a receiver that left the file is forgotten', async (t) => {
  const web = await webReceiver(t, () => ({ status: 500 }));
  const { put, runner, store, events } = outboxOf(t, [makeReceiver({ url: { text: web.url } })]);
  put(message('raised', 'a/orders/'));
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const [pending] = store.alerts.pending();
    if (pending !== undefined && attempt < 4) store.alerts.failed(pending.id, 'so far', 0, Date.now());
  }
  runner.look();
  await runner.idle();
  t.match(events, [
    { kind: 'AlertFailed', pair: 'orders', message: /solo to group is tried again after 5 failures/ },
  ]);
  put(message('raised', 'b/orders/', Date.now() - 90_000_000), {
    ...message('raised', 'c/orders/'),
    to: 'nobody',
  });
  runner.look();
  await runner.idle();
  t.match(events[1], { message: /is given up after a day/ });
  t.same(
    store.alerts.pending().map(({ receiver }) => receiver),
    ['group'],
    'only the first one goes on',
  );
});

test('a daemon that stops leaves what is under way in the outbox', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const web = await webReceiver(t, async () => {
    arrived.resolve();
    await new Promise(() => undefined);
    return {};
  });
  const { put, runner, store, controller } = outboxOf(t, [makeReceiver({ url: { text: web.url } })]);
  put(message('raised', 'a/orders/'));
  runner.look();
  await arrived.promise;
  controller.abort();
  await runner.idle();
  t.match(store.alerts.pending(), [{ attempts: 0, error: null }], 'as if it had not been tried');
});

test('a disk that is full when a message was taken: it is not sent again', async (t) => {
  const web = await webReceiver(t);
  // A database cannot be made to fail between two statements.
  let tries = 0;
  const delivered = (id: number, now: number): void => {
    tries += 1;
    if (tries < 3) throw new Error('database or disk is full');
    store.alerts.delivered(id, now);
  };
  const { put, empty, store } = outboxOf(t, [makeReceiver({ url: { text: web.url } })], { delivered });
  put(message('raised', 'a/orders/'));
  await empty();
  t.equal(tries, 3);
  t.equal(web.posts.length, 1);
});

test('neither address nor key is in the log, the events or the store', async (t) => {
  const web = await webReceiver(t, () => ({ status: 500 }));
  t.teardown(() => delete process.env['HOTPAIR_TEST_KEY']);
  process.env['HOTPAIR_TEST_KEY'] = 'c4n4ry-key';
  const receiver = makeReceiver({
    url: { text: `${web.url}/c4n4ry-path` },
    secret: { env: 'HOTPAIR_TEST_KEY' },
  });
  const { put, runner, store, events, lines } = outboxOf(t, [receiver]);
  put(message('raised', 'a/orders/'));
  runner.look();
  await runner.idle();
  t.match(lines.join(''), /alert not delivered/);
  t.notMatch([...lines, JSON.stringify(events), JSON.stringify(store.alerts.pending())].join(''), /c4n4ry/);
});

test('the outbox forgets what has ended, and nothing else', (t) => {
  const { put, store } = outboxOf(t, [makeReceiver()]);
  put(message('raised', 'a/orders/'), message('raised', 'b/orders/'));
  for (const { id } of store.alerts.pending()) if (id === 1) store.alerts.delivered(id, 1);
  store.alerts.update((open) => ({
    ...{ alerts: open.map((one) => ({ ...one, closed: one.key.startsWith('a') ? 1 : null })) },
    ...{ dropped: [], deliveries: [], event: 1 },
  }));
  store.alerts.prune(0);
  t.match(store.alerts.pending(), [{ id: 2 }]);
  t.match(store.alerts.open(), [{ key: 'b/orders/' }]);
  t.same(store.alerts.closed(10), []);
  t.end();
});
