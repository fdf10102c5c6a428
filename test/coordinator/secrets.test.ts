import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import {
  adoptReplication,
  loadOrCreateSecrets,
  loadSecrets,
  plannedSecrets,
  secretsFile,
} from '../../coordinator/secrets.ts';
import { makePair } from '../support/make-pair.ts';

const bare = async (): Promise<null> => null;

test('secrets are made once, for the owner alone', async (t) => {
  const data = t.testdir();
  const pair = makePair({ application: true });
  const first = await loadOrCreateSecrets(data, pair, bare);
  t.match(first.replication, /^[A-Za-z0-9_-]{32}$/);
  t.equal(new Set(Object.values(first)).size, 3, 'each its own');
  t.same(await loadOrCreateSecrets(data, pair, bare), first);
  t.same(await loadSecrets(data, pair), first);
  t.equal((await stat(secretsFile(data, 'orders'))).mode & 0o777, 0o600);
  t.equal((await stat(join(data, 'secrets'))).mode & 0o777, 0o700);
  t.same(await readdir(join(data, 'secrets')), ['orders.json']);
});

test('a pair that is taken over keeps the password that its servers replicate with', async (t) => {
  const data = t.testdir();
  const pair = makePair({ application: true });
  await adoptReplication(data, pair.name, 'of the hosts');
  const first = await loadOrCreateSecrets(data, pair, bare);
  t.equal(first.replication, 'of the hosts');
  t.match(first.verify, /^[A-Za-z0-9_-]{32}$/);
  await adoptReplication(data, pair.name, 'of a later one');
  t.same(await loadSecrets(data, pair), { ...first, replication: 'of a later one' }, 'and the others stay');
  t.equal((await stat(secretsFile(data, 'orders'))).mode & 0o777, 0o600);
});

test('a deployed pair whose secrets are lost keeps the password that its servers replicate with', async (t) => {
  const data = t.testdir();
  const pair = makePair({ application: true });
  let asked = 0;
  const ask = async (): Promise<string> => {
    asked += 1;
    return 'of the hosts';
  };
  t.match(await plannedSecrets(data, pair, ask), { replication: 'of the hosts', verify: '(new)' });
  t.same(await readdir(data), [], 'a plan makes no file');
  const secrets = await loadOrCreateSecrets(data, pair, ask);
  t.equal(secrets.replication, 'of the hosts');
  t.match(secrets.verify, /^[A-Za-z0-9_-]{32}$/);
  t.not(secrets.application, secrets.verify);
  t.same(await loadOrCreateSecrets(data, pair, ask), secrets);
  t.same(await plannedSecrets(data, pair, ask), secrets);
  t.equal(asked, 2, 'hosts are asked only where there is no file');
  const failing = async (): Promise<null> => {
    throw new Error('ssh');
  };
  await t.rejects(loadOrCreateSecrets(join(data, 'other'), pair, failing), { message: 'ssh' });
  t.same(await readdir(data), ['secrets'], 'hosts that do not answer get no other password');
});

test('without an application there is no password for one; with password_file it is that one', async (t) => {
  const data = t.testdir({ word: 'pa ss\n', empty: '', two: 'a\nb\n' });
  t.equal((await loadOrCreateSecrets(data, makePair(), bare)).application, null);
  const base = makePair({ application: true });
  const from = (file: string) => ({
    ...base,
    database: {
      ...base.database,
      application: { database: 'shop', user: 'shop', from: '%', passwordFile: join(data, file) },
    },
  });
  t.equal((await loadOrCreateSecrets(data, from('word'), bare)).application, 'pa ss');
  for (const file of ['empty', 'two', 'absent'])
    await t.rejects(loadOrCreateSecrets(data, from(file), bare), { code: 'CONFIG_INVALID' }, file);
});

test('a plan makes no secrets, and a pair that was not deployed has none', async (t) => {
  const data = t.testdir();
  const pair = makePair();
  await plannedSecrets(data, pair, bare);
  t.same(await readdir(data), []);
  await t.rejects(loadSecrets(data, pair), { code: 'NOT_FOUND' });
});

test('a damaged file is an error that does not show it', async (t) => {
  const data = t.testdir();
  await mkdir(join(data, 'secrets'));
  for (const text of ['{"replication": "hidden"', '{"replication": "hidden"}']) {
    await writeFile(secretsFile(data, 'orders'), text);
    const error = await loadOrCreateSecrets(data, makePair(), bare).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    t.match(error, { code: 'INTERNAL' });
    t.notMatch(String(error), /hidden/);
  }
});
