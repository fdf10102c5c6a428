import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { makeKeyAndRequest } from '../../../agent/enrolment/make-request.ts';
import { makeAuthority, makeLeaf } from '../../../coordinator/agents/issue-certificate.ts';
import { loadOrCreatePki, needsRenewal, RENEW_MS } from '../../../coordinator/agents/pki.ts';
import type { HostSpec } from '../../../shared/model/pair-spec.ts';

const DAY = 86_400_000;
const host: HostSpec = {
  name: 'db1',
  address: '127.0.0.1',
  interface: 'lo',
  ssh: 'root@127.0.0.1',
  ordinal: 1,
};

test('the authority is made once, complete, and for the owner alone', async (t) => {
  const data = join(t.testdir(), 'data');
  const [one, other] = await Promise.all([loadOrCreatePki(data), loadOrCreatePki(data)]);
  t.equal(one.ca, other.ca, 'two commands at the same moment end with one authority');
  t.same(await readdir(data), ['pki'], 'and leave nothing else behind');
  t.equal((await stat(join(data, 'pki'))).mode & 0o777, 0o700);
  for (const name of await readdir(join(data, 'pki')))
    t.equal((await stat(join(data, 'pki', name))).mode & 0o777, 0o600, name);

  const ca = new X509Certificate(one.ca);
  t.ok(ca.ca && ca.verify(ca.publicKey), 'it is an authority signed by itself');
  t.ok(Date.parse(ca.validTo) - Date.now() > 9.9 * 365 * DAY, 'for ten years');

  const before = await stat(join(data, 'pki/coordinator.crt'));
  await loadOrCreatePki(data);
  t.equal((await stat(join(data, 'pki/coordinator.crt'))).mtimeMs, before.mtimeMs, 'read again, not written');
});

test("a host's certificate has the coordinator's name and address for it and the host's own key", async (t) => {
  const pki = await loadOrCreatePki(t.testdir());
  const made = await makeKeyAndRequest('whatever-the-host-claims');
  for (const kind of ['agent', 'database'] as const) {
    const certificate = new X509Certificate(await pki.issueHostCertificate(made.request, host, kind));
    t.equal(certificate.subject, kind === 'agent' ? 'CN=db1' : 'CN=db1.database', 'a server is no guard');
    t.equal(certificate.subjectAltName, 'IP Address:127.0.0.1');
    t.ok(certificate.checkPrivateKey(createPrivateKey(made.key)));
    t.ok(certificate.verify(new X509Certificate(pki.ca).publicKey));
    t.notOk(certificate.ca);
    const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / DAY;
    t.ok(days <= 825, `${days} days`);
    t.same(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'], 'for servers and clients');
    const impostor = { ...host, name: 'coordinator' };
    await t.rejects(pki.issueHostCertificate(made.request, impostor, kind), { code: 'REFUSED' });
  }
});

test('a damaged request is refused, and so is one that another key has signed', async (t) => {
  const pki = await loadOrCreatePki(t.testdir());
  const { request } = await makeKeyAndRequest('db1');
  const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  der[der.length - 10] = (der[der.length - 10] ?? 0) ^ 1;
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  for (const csr of [forged, 'no request at all', request.slice(0, 200)])
    await t.rejects(pki.issueHostCertificate(csr, host, 'agent'), {
      code: 'CERTIFICATE_REJECTED',
      message: /db1/,
    });
});

test("the coordinator's own certificate is renewed in its last 30 days, its key and the authority stay", async (t) => {
  const data = t.testdir();
  const first = await loadOrCreatePki(data);
  const authority = { cert: first.ca, key: await readFile(join(data, 'pki/ca.key'), 'utf8') };
  const old = await makeLeaf(authority, {
    commonName: 'coordinator',
    address: null,
    use: 'client',
    notBefore: new Date(Date.now() - 100 * DAY),
    notAfter: new Date(Date.now() + 20 * DAY),
  });
  await writeFile(join(data, 'pki/coordinator.crt'), old.cert);
  await writeFile(join(data, 'pki/coordinator.key'), old.key);
  const second = await loadOrCreatePki(data);
  t.equal(second.ca, first.ca);
  t.equal(second.clientIdentity().key, old.key);
  const renewed = new X509Certificate(second.clientIdentity().cert);
  t.ok(renewed.checkPrivateKey(createPrivateKey(old.key)));
  t.ok(Date.parse(renewed.validTo) > Date.now() + 800 * DAY);
  t.equal(await readFile(join(data, 'pki/coordinator.crt'), 'utf8'), second.clientIdentity().cert);
});

test('keys that are incomplete or do not belong together are an error, never silently replaced', async (t) => {
  const data = t.testdir();
  await loadOrCreatePki(data);
  const other = await makeAuthority();
  await writeFile(join(data, 'pki/ca.crt'), other.cert);
  await t.rejects(loadOrCreatePki(data), { code: 'CERTIFICATE_REJECTED', message: /backup/ });
  await writeFile(join(data, 'pki/ca.crt'), 'not a certificate');
  await t.rejects(loadOrCreatePki(data), { code: 'CERTIFICATE_REJECTED' });
  await rm(join(data, 'pki/ca.crt'));
  await t.rejects(loadOrCreatePki(data), { code: 'CERTIFICATE_REJECTED' });
});

test('renewal is due from 30 days before the end, and for a date that cannot be read', async (t) => {
  t.notOk(needsRenewal(1000 + RENEW_MS + 1, 1000));
  t.ok(needsRenewal(1000 + RENEW_MS, 1000));
  t.ok(needsRenewal(0, 1000));
  t.ok(needsRenewal(Number.NaN, 1000));
});
