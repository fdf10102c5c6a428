import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { type Test, test } from 'tap';
import { makeAuthority, makeLeaf } from '../../../coordinator/agents/issue-certificate.ts';
import { deliverAll, targetName } from '../../../coordinator/report/deliver.ts';
import { judgeHealth } from '../../../coordinator/report/health.ts';
import { KEEP_REPORTS, pruneReports } from '../../../coordinator/report/prune-reports.ts';
import { renderReport } from '../../../coordinator/report/rendered-report.ts';
import type { SmtpSpec } from '../../../shared/model/coordinator-file.ts';
import type { ReportTarget } from '../../../shared/model/reports-file.ts';
import { makeReadings, NOW } from '../../support/make-readings.ts';
import { makeTrend } from '../../support/make-trend.ts';

const readings = makeReadings({ trend: makeTrend() });
const report = renderReport(judgeHealth([readings], { time: NOW, timezone: 'UTC', missed: [] }), 'en');

const send = (targets: readonly ReportTarget[], smtp: SmtpSpec | null = null) =>
  deliverAll(report, targets, { smtp, signal: AbortSignal.timeout(20_000), firstPauseMs: 1 });

/** A real SMTP server on loopback; `mails` fills with what it accepts. */
async function smtpServer(t: Test, options: SMTPServerOptions) {
  const mails: { secure: boolean; user: string | undefined; to: string[]; raw: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    ...options,
    onData: (stream, session, callback) => {
      void text(stream).then((raw) => {
        const to = session.envelope.rcptTo.map((one) => one.address);
        mails.push({ secure: session.secure, user: session.user, to, raw });
        callback();
      });
    },
  });
  server.on('error', () => undefined); // Clients that break off a handshake.
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)));
  return { mails, port: (server.server.address() as AddressInfo).port };
}

async function webServer(t: Test, answers: (request: IncomingMessage, body: string) => number) {
  const server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      const status = answers(request, body);
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/T0P-SECRET`;
}

test('folder: text, HTML and JSON of one name, nothing half-written', async (t) => {
  const folder = join(t.testdir(), 'a', 'b');
  t.match(await send([{ folder }]), [{ ok: true, attempts: 1, error: null }]);
  const name = '2026-11-22T08-00-00-000Z-orders';
  t.same(readdirSync(folder).sort(), [`${name}.html`, `${name}.json`, `${name}.txt`]);
  t.equal(readFileSync(join(folder, `${name}.txt`), 'utf8'), report.text);
  t.match(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')), {
    grade: 'healthy',
    pairs: [{ pair: 'orders' }],
  });
  t.equal(statSync(join(folder, `${name}.txt`)).mode & 0o007, 0, 'not for everybody');
});

test('folder: where nothing can be written, the outcome says so', async (t) => {
  const dir = t.testdir({ file: '' });
  t.match(await send([{ folder: join(dir, 'file', 'x') }]), [
    { ok: false, attempts: 4, error: /could not be written/ },
  ]);
});

test('e-mail: text and HTML, with the verdict as the subject and the JSON attached', async (t) => {
  const { mails, port } = await smtpServer(t, { disabledCommands: ['STARTTLS'] });
  const smtp = { host: '127.0.0.1', port, from: 'hotpair@example.org', tls: 'none' } as const;
  t.match(await send([{ email: 'dba@example.org' }], smtp), [{ ok: true, attempts: 1 }]);
  t.match(mails, [{ to: ['dba@example.org'], secure: false }]);
  const raw = mails[0]?.raw ?? '';
  t.match(raw, /^Subject: hotpair: HEALTHY: orders/m);
  t.match(raw, /^Content-Type: multipart\/alternative/m);
  t.match(raw, /filename=2026-11-22T08-00-00-000Z-orders\.json/m);
  t.match(raw, /^Auto-Submitted: auto-generated/m);
  const pictures = [...raw.matchAll(/^Content-Id: <(.+)>/gim)].map(([, id]) => id);
  t.equal(pictures.length, 3, 'the charts are parts of the mail');
  const page = raw.replaceAll('=\r\n', '');
  for (const id of pictures) t.ok(page.includes(`cid:${id}`), 'and the page shows them');
  t.notMatch(page, /src=(?:3D)?"data:/);
});

test('e-mail: STARTTLS and a login with the password from a file', async (t) => {
  const authority = await makeAuthority();
  const leaf = await makeLeaf(authority, { commonName: 'mail', address: '127.0.0.1', use: 'server' });
  const dir = t.testdir({ password: 'pass word\n' });
  const { mails, port } = await smtpServer(t, {
    ...{ key: leaf.key, cert: leaf.cert, authOptional: false },
    onAuth: ({ username, password }, _session, callback) =>
      password === 'pass word'
        ? callback(null, { user: username ?? '' })
        : callback(new Error('wrong password')),
  });
  const smtp = {
    host: '127.0.0.1',
    port,
    from: 'a@example.org',
    user: 'me',
    password_file: join(dir, 'password'),
  };
  const to: ReportTarget[] = [{ email: 'dba@example.org' }];
  t.match(
    await send(to, smtp),
    [{ ok: false, error: /certificate/ }],
    'a server that cannot be trusted gets nothing',
  );
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, authority.cert]);
  t.teardown(() => setDefaultCACertificates(before));
  t.match(await send(to, smtp), [{ ok: true }]);
  t.match(mails, [{ secure: true, user: 'me' }]);
  writeFileSync(join(dir, 'password'), 'wrong');
  const [refused] = await send(to, smtp);
  t.match(refused, { ok: false, attempts: 4, error: /wrong password|authentication/i });
  t.notMatch(JSON.stringify(refused), /pass word/);
});

test('e-mail: what is missing is named', async (t) => {
  const smtp = { host: '127.0.0.1', port: 9, from: 'a@example.org', tls: 'none' } as const;
  const to: ReportTarget[] = [{ email: 'dba@example.org' }];
  t.match(await send(to), [{ ok: false, error: /needs coordinator\.smtp/ }]);
  t.match(await send(to, smtp), [{ ok: false, error: /127\.0\.0\.1 did not take.*ECONNREFUSED/ }]);
  t.match(await send(to, { ...smtp, user: 'me' }), [{ ok: false, error: /no password_file/ }]);
  t.match(await send(to, { ...smtp, user: 'me', password_file: '/no/such' }), [
    { ok: false, error: /\/no\/such cannot be read/ },
  ]);
});

test('webhook: the report as JSON, or a Slack message', async (t) => {
  const bodies: unknown[] = [];
  const url = await webServer(t, (request, body) => {
    t.match(request, { method: 'POST', headers: { 'content-type': 'application/json' } });
    bodies.push(JSON.parse(body));
    return 200;
  });
  t.match(await send([{ webhook: url }, { webhook: url, format: 'slack' }]), [{ ok: true }, { ok: true }]);
  const [plain, slack] = bodies.toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);
  t.same(plain, JSON.parse(report.json));
  t.match(slack, { text: /^:large_green_circle: HEALTHY: orders/ });
});

test('webhook: tried again until it answers, and given up after the fourth try', async (t) => {
  let calls = 0;
  const flaky = await webServer(t, () => {
    calls += 1;
    return calls < 3 ? 503 : 204;
  });
  t.match(await send([{ webhook: flaky }]), [{ ok: true, attempts: 3 }]);
  const broken = await webServer(t, () => 500);
  t.match(await send([{ webhook: broken }]), [{ ok: false, attempts: 4, error: /answered 500/ }]);
});

test('webhook: a redirect is not followed, and the secret part of the address is told to nobody', async (t) => {
  const url = await webServer(t, () => 302);
  const [outcome] = await send([{ webhook: url }]);
  t.match(outcome, { ok: false, target: /^webhook at 127\.0\.0\.1:\d+$/ });
  t.notMatch(JSON.stringify(outcome), /T0P-SECRET/);
  t.equal(targetName({ webhook: 'nonsense' }), 'webhook at an invalid address');
});

test('a cancelled delivery does not go on trying', async (t) => {
  const controller = new AbortController();
  const url = await webServer(t, () => {
    controller.abort();
    return 500;
  });
  const options = { smtp: null, signal: controller.signal, firstPauseMs: 60_000 };
  t.match(await deliverAll(report, [{ webhook: url }], options), [{ ok: false, attempts: Number }]);
});

test('one target that fails does not keep the others from theirs', async (t) => {
  const folder = t.testdir();
  mkdirSync(folder, { recursive: true });
  t.same(
    (await send([{ email: 'x@example.org' }, { folder }])).map((outcome) => outcome.ok),
    [false, true],
  );
});

test('old reports leave the folder with all their forms, and nothing else does', async (t) => {
  const folder = t.testdir({ 'notes.txt': 'mine', '2026-01-01.txt': 'mine too' });
  const names = [1, 2, 3].map((day) => `2026-11-0${day}T08-00-00-000Z-orders`);
  for (const name of names)
    for (const form of ['txt', 'html', 'json']) writeFileSync(join(folder, `${name}.${form}`), form);
  t.equal(await pruneReports(folder, 2), 1);
  t.same(readdirSync(folder).sort(), [
    '2026-01-01.txt',
    ...names.slice(1).flatMap((name) => ['html', 'json', 'txt'].map((form) => `${name}.${form}`)),
    'notes.txt',
  ]);
  t.equal(await pruneReports(folder, KEEP_REPORTS), 0);
  t.equal(await pruneReports(join(folder, 'nowhere'), 1), 0);
});
