/** Every format against a receiver that checks what the vendor checks. */

import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { fitBytes } from '../../../coordinator/alerts/formats/format.ts';
import { PAGERDUTY } from '../../../coordinator/alerts/formats/pagerduty.ts';
import type { AlertMessage } from '../../../coordinator/alerts/message.ts';
import { renderAlert } from '../../../coordinator/alerts/render-message.ts';
import { sendAlert } from '../../../coordinator/alerts/send-alert.ts';
import type { ReceiverSpec } from '../../../shared/model/alerts-file.ts';
import type { HotpairSpec } from '../../../shared/model/pair-spec.ts';
import { mailReceiver, type Posted, type WebReceiver, webReceiver } from '../../support/alert-receivers.ts';
import { makeAlerts, makeReceiver } from '../../support/make-alerts.ts';
import { makePair } from '../../support/make-pair.ts';

const SECRET = 'SECc4n4ry';
const SINCE = Date.UTC(2026, 10, 22, 3);
const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e';

const MESSAGE: AlertMessage = {
  ...{ kind: 'raised', key: 'repair/orders/db2', rule: 'repair', severity: 'critical', by: null, also: [] },
  ...{ since: SINCE, time: SINCE + 60_000 },
  params: {
    ...{ pair: 'orders', vip: '10.88.0.10', host: 'db2', peer: 'db1', count: null },
    ...{ detail: '3 transactions <only> here & "there"', command: 'coordinator reseed db2' },
  },
};

const specWith = (receiver: ReceiverSpec, smtpPort = 1): HotpairSpec => ({
  ...{ pairs: [makePair()], reports: null, alerts: makeAlerts({ receivers: [receiver] }) },
  store: { events: 1000, decisions: 1000, samples: { fineMs: 1, minuteMs: 1, tenMinutesMs: 1 } },
  coordinator: {
    ...{ listen: { host: '127.0.0.1', port: 0 }, data: '/nowhere', agentPort: 1, sshConfig: null, tls: null },
    smtp: { host: '127.0.0.1', port: smtpPort, from: 'hotpair@example.org', tls: 'none' },
  },
});

const send = (receiver: ReceiverSpec, message = MESSAGE, smtpPort = 1): Promise<void> =>
  sendAlert(
    { message, uuid: UUID, id: 12 },
    receiver,
    specWith(receiver, smtpPort),
    AbortSignal.timeout(10_000),
  );

/** The address and the secret are in files, as with most receivers: the address has a secret part. */
function receiverAt(t: Test, web: WebReceiver, wish: Partial<ReceiverSpec>): ReceiverSpec {
  const folder = t.testdir();
  const [url, secret] = [join(folder, 'url'), join(folder, 'secret')];
  writeFileSync(url, `${web.url}/hook?key=p4th-c4n4ry\n`);
  writeFileSync(secret, `${SECRET}\n`);
  return makeReceiver({ url: { file: url }, secret: { file: secret }, ...wish });
}

const jsonOf = (post: Posted | undefined): unknown => JSON.parse(post?.body ?? 'null');
const hmac = (key: string | Buffer, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64');

test('webhook: id, time and signature as Standard Webhooks have them', async (t) => {
  const web = await webReceiver(t);
  const receiver = receiverAt(t, web, {});
  await send(receiver);
  const [post] = web.posts;
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = post?.headers ?? {};
  t.equal(id, UUID);
  t.ok(Math.abs(Number(time) - Date.now() / 1000) < 60, 'seconds');
  t.equal(signature, `v1,${hmac(SECRET, `${UUID}.${String(time)}.${post?.body ?? ''}`)}`);
  t.match(jsonOf(post), {
    ...{ type: 'alert.raised', timestamp: '2026-11-22T03:01:00.000Z' },
    data: {
      alert: 12,
      rule: 'repair',
      severity: 'critical',
      pair: 'orders',
      host: 'db2',
      command: 'coordinator reseed db2',
    },
  });
  writeFileSync(
    (receiver.secret as { file: string }).file,
    `whsec_${Buffer.from('raw key').toString('base64')}`,
  );
  await send(receiver);
  const [, second] = web.posts;
  const at = String(second?.headers['webhook-timestamp']);
  t.equal(
    second?.headers['webhook-signature'],
    `v1,${hmac(Buffer.from('raw key'), `${UUID}.${at}.${second?.body ?? ''}`)}`,
    'a new secret counts at once, and whsec_ is base64',
  );
  await send({ ...receiver, secret: null });
  t.notOk('webhook-signature' in (web.posts[2]?.headers ?? {}), 'without a secret there is no signature');
});

test('slack: one text, with what Slack would read as markup escaped', async (t) => {
  const web = await webReceiver(t);
  await send(receiverAt(t, web, { format: 'slack', secret: null }));
  const { text } = jsonOf(web.posts[0]) as { text: string };
  t.match(
    text,
    /^:red_circle: \*\[CRITICAL\] orders: db2 needs repair \(3 transactions &lt;only&gt; here &amp; "there"\)\.\*/,
  );
  t.match(text, '```coordinator reseed db2```');
  await send(receiverAt(t, web, { format: 'slack', secret: null }), { ...MESSAGE, kind: 'cleared' });
  t.match((jsonOf(web.posts[1]) as { text: string }).text, /^:large_green_circle: \*\[ALL CLEAR\] orders/);
});

test('dingtalk: signed in the query, in Chinese; an errcode is a refusal though the status is 200', async (t) => {
  let code = 0;
  const web = await webReceiver(t, () => ({
    body: JSON.stringify({ errcode: code, errmsg: code === 0 ? 'ok' : 'sign not match' }),
  }));
  const receiver = receiverAt(t, web, { format: 'dingtalk', language: 'zh' });
  await send(receiver);
  const [post] = web.posts;
  const timestamp = post?.query.get('timestamp') ?? '';
  t.ok(Math.abs(Number(timestamp) - Date.now()) < 60_000, 'milliseconds');
  t.equal(post?.query.get('sign'), hmac(SECRET, `${timestamp}\n${SECRET}`));
  t.equal(post?.query.get('key'), 'p4th-c4n4ry', 'what was in the address stays');
  t.match(jsonOf(post), { msgtype: 'text', text: { content: /^hotpair \[严重\] orders: db2 需要修复/ } });
  code = 310_000;
  await t.rejects(send(receiver), { code: 'DELIVERY_FAILED', message: /310000 sign not match/ });
});

test('wecom: text of at most 2048 bytes', async (t) => {
  const web = await webReceiver(t, () => ({ body: '{"errcode":0,"errmsg":"ok"}' }));
  const receiver = receiverAt(t, web, { format: 'wecom', secret: null, language: 'zh' });
  await send(receiver, { ...MESSAGE, params: { ...MESSAGE.params, detail: '很长'.repeat(2000) } });
  const { msgtype, text } = jsonOf(web.posts[0]) as { msgtype: string; text: { content: string } };
  t.equal(msgtype, 'text');
  t.ok(Buffer.byteLength(text.content) <= 2048 && text.content.endsWith('…'));
  t.notMatch(text.content, '\uFFFD', 'no half character');
  t.equal(fitBytes('短', 3), '短');
});

test('feishu: signed in the body, nothing with the time and the secret as the key', async (t) => {
  let answer = '{"code":0,"msg":"success","data":{}}';
  const web = await webReceiver(t, () => ({ body: answer }));
  const receiver = receiverAt(t, web, { format: 'feishu' });
  await send(receiver);
  const body = jsonOf(web.posts[0]) as { timestamp: string; sign: string };
  t.ok(Math.abs(Number(body.timestamp) - Date.now() / 1000) < 60, 'seconds');
  t.equal(body.sign, hmac(`${body.timestamp}\n${SECRET}`, ''));
  t.match(body, { msg_type: 'text', content: { text: /coordinator reseed db2/ } });
  answer = '{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}';
  await t.rejects(send(receiver), { message: /19021 sign match fail/ });
  answer = '<html>a portal</html>';
  await t.rejects(send(receiver), { message: /no answer of its kind/ });
});

test('pagerduty: one incident from its beginning to its end', async (t) => {
  const web = await webReceiver(t, () => ({ status: 202, body: '{"status":"success"}' }));
  const receiver = receiverAt(t, web, { format: 'pagerduty' });
  for (const kind of ['raised', 'acknowledged', 'cleared'] as const)
    await send(receiver, { ...MESSAGE, kind });
  t.match(web.posts.map(jsonOf), [
    {
      ...{ routing_key: SECRET, event_action: 'trigger', dedup_key: 'hotpair/repair/orders/db2' },
      payload: {
        summary: /^\[CRITICAL\] orders/,
        source: 'db2',
        severity: 'critical',
        timestamp: '2026-11-22T03:00:00.000Z',
      },
    },
    { event_action: 'acknowledge', dedup_key: 'hotpair/repair/orders/db2' },
    { event_action: 'resolve', dedup_key: 'hotpair/repair/orders/db2' },
  ]);
  const long = { ...MESSAGE, params: { ...MESSAGE.params, detail: 'x'.repeat(3000) } };
  const rendered = renderAlert(long, 12, 'en', 'UTC');
  const { body } = PAGERDUTY.request({
    message: long,
    rendered,
    uuid: UUID,
    id: 12,
    url: '',
    secret: '',
    now: 0,
  });
  t.equal((JSON.parse(body) as { payload: { summary: string } }).payload.summary.length, 1024);
});

test('e-mail: text and HTML, one id at each attempt, nothing of the host unescaped', async (t) => {
  const mail = await mailReceiver(t);
  const receiver = makeReceiver({ format: 'email', to: 'dba@example.org', url: null });
  await send(receiver, MESSAGE, mail.port);
  await send(receiver, MESSAGE, mail.port);
  const [first = '', second = ''] = mail.mails;
  for (const one of [first, second]) t.match(one, `Message-ID: <${UUID}@example.org>`);
  t.match(first, /^Subject: .*CRITICAL.*orders/m);
  t.match(first, /&lt;only&gt;/);
  t.match(first, /^Content-Type: multipart\/alternative/m);
});

test('what goes wrong is told without anything secret in it', async (t) => {
  const web = await webReceiver(t, () => ({ status: 403, body: 'no' }));
  const told: string[] = [];
  const fails = async (receiver: ReceiverSpec, words: RegExp): Promise<void> => {
    await t.rejects(send(receiver), { code: 'DELIVERY_FAILED', message: words });
    await send(receiver).catch((error: unknown) => told.push(JSON.stringify(error), String(error)));
  };
  await fails(receiverAt(t, web, {}), /answered 403/);
  await fails(
    receiverAt(t, web, { url: { text: 'http://127.0.0.1:1/p4th-c4n4ry' } }),
    /could not be reached/,
  );
  await fails(
    receiverAt(t, web, { url: { env: 'HOTPAIR_NO_SUCH' } }),
    /HOTPAIR_NO_SUCH of the environment cannot be read/,
  );
  await fails(receiverAt(t, web, { secret: { file: '/no/such' } }), /\/no\/such cannot be read/);
  const two = receiverAt(t, web, {});
  writeFileSync(join(t.testdirName, 'url'), 'p4th-c4n4ry and more');
  await fails(two, /one line without blanks/);
  t.notMatch(told.join('\n'), /c4n4ry/);
});
