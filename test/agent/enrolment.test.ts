import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'tap';
import { type HostIdentity, needsCertificates, trustedAuthorities } from '../../agent/enrolment/identity.ts';
import { type LeafRequest, makeAuthority, makeLeaf } from '../../coordinator/agents/issue-certificate.ts';
import type { EnrolRequest } from '../../shared/protocol/enrolment.ts';

const DAY = 86_400_000;
const ours = await makeAuthority();
const theirs = await makeAuthority();
const SERVER: LeafRequest = { commonName: 'db1', address: '10.88.0.11', use: 'server' };
const DATABASE: LeafRequest = { ...SERVER, commonName: 'db1.database' };

const request: EnrolRequest = {
  type: 'enrol',
  host: 'db1',
  address: '10.88.0.11',
  port: 7433,
  ca: ours.cert,
  version: '0.1.0',
  renewBefore: Date.now() + 30 * DAY,
  takeOver: false,
  restart: false,
};

async function held(authority = ours, leaf: LeafRequest = SERVER) {
  const { cert, key } = await makeLeaf(authority, leaf);
  return { certificate: new X509Certificate(cert), key: createPrivateKey(key) };
}

const good: HostIdentity = {
  ca: new X509Certificate(ours.cert),
  agent: await held(),
  database: await held(ours, DATABASE),
  trusted: null,
};

test('a host whose certificates are right needs none', async (t) => {
  t.equal(needsCertificates(good, request), false);
});

test('a certificate is issued anew where anything about it does not fit', async (t) => {
  const short: LeafRequest = { ...SERVER, notAfter: new Date(Date.now() + 20 * DAY) };
  const cases: [string, Partial<HostIdentity>][] = [
    ['a bare host', { ca: null, agent: null, database: null }],
    ['the authority alone is there', { agent: null, database: null }],
    ['no database certificate', { database: null }],
    ['it ends soon', { agent: await held(ours, short) }],
    ['it is for another name', { agent: await held(ours, { ...SERVER, commonName: 'db2' }) }],
    ['it is for another address', { database: await held(ours, { ...DATABASE, address: '10.88.0.12' }) }],
    ['the server has a certificate that would pass for a guard', { database: await held() }],
    ['another authority signed it', { agent: await held(theirs) }],
    ['its key is another one', { agent: { ...(await held()), key: (await held()).key } }],
  ];
  for (const [name, differing] of cases)
    t.equal(needsCertificates({ ...good, ...differing }, request), true, name);
});

test("another coordinator's host is refused, with both names, unless it is taken over", async (t) => {
  const foreign: HostIdentity = {
    ca: new X509Certificate(theirs.cert),
    agent: await held(theirs),
    database: await held(theirs),
    trusted: theirs.cert,
  };
  const name = new X509Certificate(theirs.cert).subject.replace('CN=', '');
  t.throws(() => needsCertificates(foreign, request), {
    code: 'REFUSED',
    message: /db1 belongs to another coordinator.*--take-over db1/,
    data: { host: 'db1', authority: name },
  });
  t.equal(needsCertificates(foreign, { ...request, takeOver: true }), true);
});

test('during a take-over the servers trust both authorities, from the next certificates on the new one alone', async (t) => {
  const certificates = (pem: string) =>
    pem
      .split(/(?<=-----END CERTIFICATE-----)\s*/)
      .filter((part) => part !== '')
      .map((part) => new X509Certificate(part).fingerprint256);
  const print = (pem: string) => new X509Certificate(pem).fingerprint256;
  const bare: HostIdentity = { ca: null, agent: null, database: null, trusted: null };
  t.same(certificates(trustedAuthorities(bare, request, true)), [print(ours.cert)]);
  const foreign = { ...bare, ca: new X509Certificate(theirs.cert), trusted: theirs.cert };
  const both = trustedAuthorities(foreign, request, true);
  t.same(certificates(both), [print(ours.cert), print(theirs.cert)]);
  const taken = { ...good, trusted: both };
  t.equal(trustedAuthorities(taken, request, false), both, 'an upgrade changes nothing');
  t.equal(trustedAuthorities(taken, request, true), ours.cert);
  t.equal(
    trustedAuthorities(good, request, false),
    ours.cert,
    'a host that was enrolled before there was such a file',
  );
});
