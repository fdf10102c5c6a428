/** From what a host says to the message on somebody's desk, and to the all-clear: the daemon, its outbox and real receivers. */

import { test } from 'tap';
import { mailReceiver, webReceiver } from '../../support/alert-receivers.ts';
import { makeAlerts, makeReceiver } from '../../support/make-alerts.ts';
import { makeHeartbeat, makeVoting } from '../../support/make-heartbeat.ts';
import { serveApi } from '../../support/serve-api.ts';

test('a pair in SOLO: webhook and e-mail are told, and told when it is over', async (t) => {
  const web = await webReceiver(t);
  const mail = await mailReceiver(t);
  const alerts = makeAlerts({
    receivers: [
      makeReceiver({ url: { text: web.url } }),
      makeReceiver({ name: 'dba', format: 'email', to: 'dba@example.org', url: null }),
    ],
    rules: { solo: { forMs: 1000 } },
  });
  const smtp = { host: '127.0.0.1', port: mail.port, from: 'hotpair@example.org', tls: 'none' } as const;
  const { agents, store } = await serveApi(t, {
    change: (spec) => ({ ...spec, alerts, coordinator: { ...spec.coordinator, smtp } }),
  });
  const say = (mode: 'sync' | 'solo'): void => {
    for (const host of ['db1', 'db2'] as const)
      agents.say(host, (time) =>
        makeHeartbeat(host, { time, guard: { voting: makeVoting(host === 'db1', { mode }) } }),
      );
  };
  say('solo');
  const [raised] = await web.wait(1);
  t.match(JSON.parse(raised?.body ?? ''), {
    type: 'alert.raised',
    data: { rule: 'solo', severity: 'critical', pair: 'orders', command: 'coordinator logs db2 --since 30m' },
  });
  const [first = ''] = await mail.wait(1);
  t.match(first, /^Subject: hotpair \[CRITICAL\] orders: The pair is in SOLO/m);
  say('sync');
  const [, cleared] = await web.wait(2);
  t.match(JSON.parse(cleared?.body ?? ''), { type: 'alert.cleared', data: { rule: 'solo' } });
  const [, second = ''] = await mail.wait(2);
  t.match(second, /^Subject: hotpair \[ALL CLEAR\] orders: The pair is in SYNC again/m);
  t.same(
    store.alerts.open().filter(({ rule }) => rule === 'solo'),
    [],
  );
  const kinds = store.events.list().map(({ kind }) => kind);
  t.ok(kinds.includes('AlertRaised') && kinds.includes('AlertCleared'), 'both are in the history');
});
