// What keeps a deploy from beginning, each with its remedy, all at once.
import { test } from 'tap';
import { type PairFacts, readPairFacts } from '../../../coordinator/choreography/facts.ts';
import { preflight, strangerAmong } from '../../../coordinator/choreography/preflight.ts';
import { preflightProblems } from '../../../coordinator/choreography/preflight-problems.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { MARIADB } from '../../../shared/flavor/mariadb.ts';
import type { HostFacts } from '../../../shared/model/facts.ts';
import { HOST_PATHS } from '../../../shared/model/paths.ts';
import { makePair } from '../../support/make-pair.ts';
import { makePairModel } from '../../support/pair-model.ts';

const pair = makePair();

/** Two hosts that are fit, but for what the test changes. */
async function facts(first: Partial<HostFacts> = {}, both: Partial<HostFacts> = {}): Promise<PairFacts> {
  const model = makePairModel(pair);
  model.hosts[0].facts = { ...both, ...first };
  model.hosts[1].facts = both;
  return await readPairFacts(model.ports, pair, MARIADB);
}

function words(found: PairFacts, stranger: string | null = null): string[] {
  return preflightProblems(found, MARIADB, stranger).map(({ subject, problem }) => `${subject}: ${problem}`);
}

test('fit hosts have no problems', async (t) => {
  t.same(words(await facts()), []);
});

test('each problem is told in words', async (t) => {
  const eth0 = (address: string, prefix: number) => ({
    addresses: [{ interface: 'eth0', address, prefix, family: 'inet' as const }],
  });
  const cases: readonly (readonly [Partial<HostFacts>, string])[] = [
    [
      { os: { id: 'debian', versionId: '11', prettyName: 'Debian GNU/Linux 11 (bullseye)' } },
      'db1: Debian GNU/Linux 11 (bullseye) is not supported.',
    ],
    [{ initSystem: 'sysvinit' }, 'db1: its init system is sysvinit.'],
    [{ uid: 1000 }, 'db1: the agent does not run as root.'],
    [
      { disks: [{ path: '/var/lib', freeBytes: 5e8, totalBytes: 1e9 }] },
      'db1: /var/lib has 476 MB free, 700 MB are needed.',
    ],
    [{ addresses: [] }, 'db1: it has no interface eth0 with an address.'],
    [eth0('10.88.0.99', 24), 'db1: eth0 does not have the address 10.88.0.11.'],
    [eth0('10.88.0.11', 32), 'db1: the VIP 10.88.0.10 is not in the subnet of eth0 (10.88.0.11/32).'],
    [
      { userDatabases: ['billing', 'shop'] },
      'db1: its database server holds databases of users (billing, shop) and was not deployed by hotpair.',
    ],
    [
      { paths: { [MARIADB.dataFolder]: true } },
      'db1: /var/lib/mysql exists, and no server answers that could tell whether it holds data of users.',
    ],
    [{ listening: [3306] }, 'db1: something listens on port 3306 already.'],
  ];
  for (const [change, expected] of cases) t.ok(words(await facts(change)).includes(expected), expected);
});

test('what hotpair began itself is no obstacle', async (t) => {
  const paths = { [MARIADB.dataFolder]: true, [HOST_PATHS.serverUnitDropIn]: true };
  t.same(words(await facts({ paths, userDatabases: ['shop'], listening: [3306] })), []);
});

test('an empty server that was there before is taken over', async (t) => {
  const packages = { 'mariadb-server': '1:10.11.14', keepalived: null };
  t.same(words(await facts({ packages, userDatabases: [], listening: [3306] })), []);
});

test('the two hosts must fit each other', async (t) => {
  const other = await facts({
    ...{ architecture: 'arm64', packages: { 'mariadb-server': '1:10.11.6' }, userDatabases: [] },
  });
  t.match(words(other).join('\n'), /orders: db1 runs debian 12 arm64, db2 runs debian 12/);
  const [a, b] = (await facts()).hosts;
  const apart: PairFacts = {
    pair,
    hosts: [
      { ...a, clockOffsetMs: 3500 },
      { ...b, clockOffsetMs: -100 },
    ],
  };
  t.match(words(apart), ['orders: the clocks of db1 and db2 are 3.6 s apart.']);
  const versions = (one: string, two: string): PairFacts => {
    const installed = (version: string) => ({ 'mariadb-server': version });
    const picture = (base: typeof a, version: string) => ({
      ...base,
      host: { ...base.host, packages: installed(version), userDatabases: [] },
    });
    return { pair, hosts: [picture(a, one), picture(b, two)] };
  };
  t.match(words(versions('1.0', '2.0')), ['orders: mariadb-server is 1.0 on db1 and is 2.0 on db2.']);
  t.same(words(versions('1.0', '1.0')), []);
});

test('hosts that would get servers of different versions are refused before anything is installed', async (t) => {
  const model = makePairModel(pair);
  const [db1, db2] = model.hosts;
  const offers = (version: string) => ({ candidates: { 'mariadb-server': version, keepalived: '1' } });
  db1.facts = offers('1:10.11.14-0+deb12u2');
  db2.facts = offers('1:10.11.11-0+deb12u1');
  const refused = await readPairFacts(model.ports, pair, MARIADB);
  await t.rejects(preflight(model.ports, refused, MARIADB), {
    code: 'PREFLIGHT_FAILED',
    message:
      /mariadb-server would be 1:10\.11\.14-0\+deb12u2 on db1 and would be 1:10\.11\.11-0\+deb12u1 on db2\.\n.*apt-get update on both/,
  });
  t.same(model.applied, [], 'nothing was touched');

  const found = async () => words(await readPairFacts(model.ports, pair, MARIADB));
  db2.facts = { packages: { 'mariadb-server': '1:10.11.11' }, userDatabases: [] };
  t.match(await found(), [/mariadb-server would be .* on db1 and is 1:10\.11\.11 on db2/]);
  db2.facts = offers('1:10.11.14-0+deb12u2');
  t.same(await found(), []);
  db2.facts = { candidates: { 'mariadb-server': null } };
  t.same(await found(), [], 'lists that are still to be fetched tell nothing');
});

test('somebody else with the VIP is told by hardware address', async (t) => {
  t.match(words(await facts(), '02:00:00:00:00:07'), [
    /something in the network \(02:00:00:00:00:07\) answers for the VIP 10\.88\.0\.10/,
  ]);
});

test('the VIP that came to a host of the pair between two questions is no stranger', async (t) => {
  const silent = { address: pair.vip, interface: 'eth0', answered: false, mac: null, own: false } as const;
  const local = { ...silent, answered: true, own: true, method: 'local' } as const;
  const neighbour = { ...silent, answered: true, mac: '02:00:00:00:00:07', method: 'neighbour' } as const;
  const nobody = { ...silent, method: 'neighbour' } as const;
  t.equal(strangerAmong([nobody, nobody], [false, false]), null);
  t.equal(strangerAmong([neighbour, local], [true, true]), null);
  t.equal(strangerAmong([neighbour, nobody], [true, true]), '02:00:00:00:00:07');
  t.equal(strangerAmong([nobody, local], [true, false]), 'a host of the pair, on eth0');
});

test('everything is told at once, with remedies, and nothing is touched', async (t) => {
  const model = makePairModel(pair);
  model.hosts[0].facts = { initSystem: 'sysvinit', addresses: [] };
  model.hosts[1].userDatabases = ['billing'];
  const found = await readPairFacts(model.ports, pair, MARIADB);
  const error = await preflight(model.ports, found, MARIADB).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error('it did not refuse');
  t.equal(error.code, 'PREFLIGHT_FAILED');
  for (const part of [
    'db1: its init system',
    'db1: it has no interface',
    'db2: its database',
    'move the data elsewhere',
  ])
    t.ok(error.message.includes(part), part);
  t.same(model.applied, []);
});

test('a bare host beside one that has served is for another command', async (t) => {
  const served = { paths: { [HOST_PATHS.pairRecord]: true, [HOST_PATHS.serverUnitDropIn]: true } };
  const beside = await facts(served, { paths: { [HOST_PATHS.pairRecord]: false } });
  t.match(preflightProblems(beside, MARIADB, null), [
    { subject: 'db2', problem: /db1 has its data/, remedy: /^coordinator reseed db2 / },
  ]);
  const ours = { paths: { [HOST_PATHS.pairRecord]: false, [HOST_PATHS.serverUnitDropIn]: true } };
  t.same(words(await facts(served, ours)), [], 'a deploy that was interrupted goes on');
});
