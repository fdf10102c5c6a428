// The choreography from end to end on two hosts in memory: what it does, that it does nothing twice, and that it can
// be cut off anywhere.
import { test } from 'tap';
import { STEPS } from '../../../coordinator/choreography/catalog.ts';
import { readPairFacts } from '../../../coordinator/choreography/facts.ts';
import { SILENT_JOURNAL } from '../../../coordinator/choreography/journal.ts';
import { observe } from '../../../coordinator/choreography/observe.ts';
import { interrupts, isEmpty, makePlan, renderPlan } from '../../../coordinator/choreography/plan.ts';
import { runSteps } from '../../../coordinator/choreography/runner.ts';
import { MARIADB } from '../../../shared/flavor/mariadb.ts';
import type { PairSpec } from '../../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../../shared/model/paths.ts';
import { makePair, SECRETS } from '../../support/make-pair.ts';
import { makePairModel, type PairModel } from '../../support/pair-model.ts';

const QUIET = {
  task: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }),
  end: () => undefined,
};

async function look(model: PairModel, pair: PairSpec) {
  const ground = { ports: model.ports, flavor: MARIADB, secrets: SECRETS };
  const facts = await readPairFacts(model.ports, pair, MARIADB);
  return { ground, facts, observations: await observe(ground, STEPS, facts) };
}

async function deploy(model: PairModel, pair: PairSpec) {
  const { ground, facts, observations } = await look(model, pair);
  const options = { ...ground, steps: STEPS, progress: QUIET, journal: SILENT_JOURNAL };
  return await runSteps(options, facts, observations);
}

test('two bare hosts become a pair, and the second run changes nothing', async (t) => {
  const pair = makePair({ application: true });
  const model = makePairModel(pair);
  const { changes } = await deploy(model, pair);
  t.ok(changes.length > 40, `${changes.length} changes`);
  const done = model.applied.length;
  const again = await deploy(model, pair);
  t.equal(again.changes.length, 0, 'no change is reported');
  t.equal(model.applied.length, done, 'and none was made');
  const { facts, observations } = await look(model, pair);
  t.ok(isEmpty(makePlan(observations, facts)), 'the plan is empty');
});

test('the drop-ins come before the packages, the server before the accounts, both before replication', async (t) => {
  const pair = makePair({ application: false });
  const model = makePairModel(pair);
  await deploy(model, pair);
  const order = model.applied.filter((entry) => entry.startsWith('db1')).map((entry) => entry.slice(4));
  t.same(order.slice(0, 4), ['file-ensure', 'file-ensure', 'file-ensure', 'package-ensure']);
  t.ok(order.indexOf('sql-ensure') > order.indexOf('service-ensure'));
  t.ok(order.indexOf('replication-ensure') > order.lastIndexOf('sql-ensure'));
  t.ok(order.indexOf('verify-row-ensure') > order.lastIndexOf('replication-ensure'));
  const both = model.applied.filter((entry) => !entry.endsWith('service-ensure'));
  const started = both.lastIndexOf('db2 replication-ensure');
  t.ok(both.indexOf('db1 verify-row-ensure') > started, 'no row before both channels run');
});

test('cut off after any change, the next run ends in the same state', async (t) => {
  const pair = makePair({ application: true });
  const whole = makePairModel(pair);
  await deploy(whole, pair);
  const expected = whole.state();
  const total = whole.applied.length;
  for (const when of ['before', 'after'] as const)
    for (let changes = 0; changes < total; changes += 1) {
      const model = makePairModel(pair);
      model.cutAfter(changes, when);
      await t.rejects(deploy(model, pair), { code: 'CONNECTION_LOST' });
      model.heal();
      await deploy(model, pair);
      if (JSON.stringify(model.state()) !== JSON.stringify(expected))
        t.same(model.state(), expected, `cut ${when} change ${changes}`);
      const third = await deploy(model, pair);
      if (third.changes.length > 0) t.fail(`cut ${when} change ${changes}: the third run changed something`);
    }
  t.pass(`${2 * total} interruptions`);
});

test('a changed setting restarts the standby first, and the plan says what it costs', async (t) => {
  const before = makePair({ application: false });
  const model = makePairModel(before);
  await deploy(model, before);
  const pair = makePair({ application: false, settings: { max_connections: '77' } });
  const { facts, observations } = await look(model, pair);
  const plan = makePlan(observations, facts);
  t.ok(interrupts(plan));
  t.same(renderPlan(plan), [
    'Database server',
    '  db1, db2: /etc/mysql/mariadb.conf.d/99-hotpair.cnf: change content',
    '  db1, db2: mariadb.service: restart',
  ]);
  t.match(plan.notes, [/first on db2, then on db1: the VIP moves to db2/]);
  model.applied.length = 0;
  await deploy(model, pair);
  t.same(model.applied, ['db2 file-ensure', 'db2 service-ensure', 'db1 file-ensure', 'db1 service-ensure']);
});

test('a setting that the server does not start with stops at the standby', async (t) => {
  const before = makePair({ application: false });
  const model = makePairModel(before);
  await deploy(model, before);
  const primaryFile = model.hosts[0].files.get(HOST_PATHS.serverDropIn);
  for (const host of model.hosts) host.poison = 'max_connections = 77';
  const pair = makePair({ application: false, settings: { max_connections: '77' } });
  await t.rejects(deploy(model, pair), { code: 'SERVER_START_FAILED' });
  t.equal(model.hosts[0].files.get(HOST_PATHS.serverDropIn), primaryFile, 'the primary was not touched');
});

test('a failure on one host starts nothing after it, and names the host', async (t) => {
  const pair = makePair({ application: false });
  const model = makePairModel(pair);
  model.hosts[1].files.delete(HOST_PATHS.databaseKey);
  await t.rejects(deploy(model, pair), { code: 'NOT_FOUND', message: /^db2: / });
  t.notOk(model.applied.some((entry) => entry.endsWith('verify-row-ensure')));
  t.notOk(model.hosts[0].runs('hotpair-guard.service'));
});

test('an application account that appears later is the only change', async (t) => {
  const before = makePair({ application: false });
  const model = makePairModel(before);
  await deploy(model, before);
  const { changes } = await deploy(model, makePair({ application: true }));
  t.same([...new Set(changes.map(({ subject }) => subject))], ['database shop', 'account shop@%']);
});

test("on a guarded pair the deploy starts no replication thread and no server: that is the guard's", async (t) => {
  const pair = makePair({ application: false });
  const model = makePairModel(pair);
  await deploy(model, pair);
  const [db1] = model.hosts;
  if (db1.channel !== null) db1.channel = { ...db1.channel, running: false };
  model.applied.length = 0;
  const deployed = deploy(model, pair);
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (db1.channel !== null) db1.channel = { ...db1.channel, running: true };
  t.same((await deployed).changes, []);
  t.same(model.applied, []);
});

test('servers of different versions are not made a pair', async (t) => {
  const pair = makePair();
  const model = makePairModel(pair);
  model.hosts[1].version = '11.8.2-MariaDB';
  await t.rejects(deploy(model, pair), {
    code: 'STEP_BLOCKED',
    message: /db1 runs the server 10\.11\.14-MariaDB/,
  });
  t.equal(model.hosts[0].channel?.running, false, 'nothing replicates');
});
