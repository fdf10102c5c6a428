/** coordinator alert test, list and ack, as an operator types them. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tap, { type Test, test } from 'tap';
import { openStore } from '../../../coordinator/store/open-store.ts';
import { webReceiver } from '../../support/alert-receivers.ts';
import { runCli } from '../../support/run-cli.ts';

tap.setTimeout(120_000); // some ten processes

function folderWith(t: Test, receivers: string): string {
  const dir = t.testdir();
  writeFileSync(
    join(dir, 'hotpair.yaml'),
    `pairs:
  orders:
    vip: 10.88.0.10/24
    hosts:
      db1: { address: 10.88.0.11, interface: eth0 }
      db2: { address: 10.88.0.12, interface: eth0 }
coordinator: { data: data }
${receivers}`,
  );
  return dir;
}

test('alert test: every receiver gets a test, and says whether it took it', async (t) => {
  const good = await webReceiver(t);
  const bad = await webReceiver(t, () => ({ body: '{"errcode":310000,"errmsg":"sign not match"}' }));
  const cwd = folderWith(
    t,
    `alerts:
  language: zh
  receivers:
    hook: { format: webhook, url: "${good.url}", secret_env: HOOK_KEY }
    group: { format: dingtalk, url_file: group.url, severity: critical, after: 15m }
`,
  );
  writeFileSync(join(cwd, 'group.url'), `${bad.url}/robot/send?access_token=c4n4ry\n`);
  const env = { HOOK_KEY: 'c4n4ry-key' };
  const all = await runCli(['alert', 'test'], { cwd, env });
  t.match(all, { code: 1, stdout: /✔ hook \(webhook\) took the test message/ });
  t.match(all.stdout, /✖ group \(dingtalk\): .*310000 sign not match/);
  t.match(all.stderr, /did not get to group/);
  t.notMatch(all.stdout + all.stderr, /c4n4ry/);
  t.match(JSON.parse(good.posts[0]?.body ?? ''), {
    type: 'alert.test',
    data: { title: '[测试] orders: 这是一条测试消息，一切正常。' },
  });
  t.ok(good.posts[0]?.headers['webhook-signature']);
  const one = await runCli(['alert', 'test', '--to', 'hook', '--json'], { cwd, env });
  t.match(
    { code: one.code, ...JSON.parse(one.stdout) },
    { code: 0, receivers: [{ receiver: 'hook', error: null }] },
  );
  t.equal(bad.posts.length, 1, 'only this one');
  t.match(await runCli(['alert', 'test', '--to', 'nobody'], { cwd }), {
    code: 2,
    stderr: /the receivers are: hook, group/,
  });
});

test('alert list and ack: what is open, who has it, and that the others are told', async (t) => {
  const cwd = folderWith(
    t,
    'alerts: { receivers: { dba: { format: webhook, url: "http://127.0.0.1:9" } } }\n',
  );
  t.match(await runCli(['alert', 'list'], { cwd }), { code: 0, stdout: /Nothing is wrong/ });
  const store = openStore(join(cwd, 'data'));
  t.teardown(() => store.close());
  const params = {
    pair: 'orders',
    vip: '10.88.0.10',
    host: 'db1',
    peer: 'db2',
    detail: null,
    count: null,
    command: 'x',
  };
  store.alerts.update(() => ({
    alerts: [
      {
        ...{
          key: 'solo/orders/',
          rule: 'solo',
          severity: 'critical',
          params,
          since: Date.now(),
          event: null,
          raised: 1,
        },
        ...{ gone: null, closed: null, acknowledged: null, acknowledgedBy: null, lastTold: 1, told: ['dba'] },
      },
    ],
    ...{ dropped: [], deliveries: [], event: 0 },
  }));
  const listed = await runCli(['alert', 'list'], { cwd });
  t.match(listed.stdout, /1 +critical +\S+ \S+ +open +orders: The pair is in SOLO/);
  t.match(await runCli(['alert', 'ack', '1', '--by', 'anna'], { cwd }), {
    code: 0,
    stdout: /anna has taken on alert 1/,
  });
  t.match(store.alerts.open(), [{ acknowledgedBy: 'anna' }]);
  t.match(store.alerts.pending(), [{ receiver: 'dba', message: { kind: 'acknowledged', by: 'anna' } }]);
  t.match(store.audit.page(1), [{ action: 'alert ack', target: 'solo/orders/' }]);
  t.match(store.events.list({ pair: 'orders', limit: 1 }), [
    {
      kind: 'AlertAcknowledged',
      host: 'db1',
      data: { by: 'anna' },
      message: /^anna deals with it: orders: The pair/,
    },
  ]);
  t.match((await runCli(['alert', 'list'], { cwd })).stdout, /taken on by anna[\s\S]*on its way/);
  t.match(await runCli(['alert', 'ack', '7'], { cwd }), { code: 2, stderr: /no open alert 7/ });
});

test('check says who is told, and which files are missing', async (t) => {
  const cwd = folderWith(
    t,
    'alerts: { receivers: { boss: { format: slack, url_file: gone.url, severity: critical, after: 15m } } }\n',
  );
  const { stdout, stderr } = await runCli(['check'], { cwd });
  t.match(stdout, /Alerts: to boss \(slack, what is critical, after 15 min\)/);
  t.match(stderr, /warning: alerts\.receivers\.boss\.url_file: .*gone\.url is not readable/);
});

test('without receivers there is nobody to test', async (t) => {
  t.match(await runCli(['alert', 'test'], { cwd: folderWith(t, '') }), {
    code: 2,
    stderr: /alerts\.receivers is missing/,
  });
});
