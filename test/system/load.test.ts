// The load client, the checker and the VIP sampler against a real server: what they say must be what happened.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { checkLoad } from '../lab/load/check.ts';
import { monotonicMs } from '../lab/load/clock.ts';
import { type Load, startLoad } from '../lab/load/load.ts';
import { startVipSampler } from '../lab/load/sampler.ts';
import { createLoadTable, readRows, readRowsOf, sql } from '../lab/load/tables.ts';
import { vipOverlaps } from '../lab/load/vip-intervals.ts';
import { untilAcknowledged } from '../support/acknowledged-rows.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const account = { database: 'app', user: 'app', password: randomBytes(12).toString('hex') };
let lab: Lab;

const showVip = (name: string) => lab.host(name).exec(['ip', 'addr', 'add', `${lab.vip}/24`, 'dev', 'eth0']);
const dropVip = (name: string) => lab.host(name).exec(['ip', 'addr', 'del', `${lab.vip}/24`, 'dev', 'eth0']);

async function serve(name: string, serverId: number): Promise<void> {
  const host = lab.host(name);
  const config = `[mysqld]\nbind-address=0.0.0.0\nskip-name-resolve\nserver-id=${serverId}\n`;
  await host.exec(['tee', '/etc/mysql/mariadb.conf.d/99-test.cnf'], { input: config });
  await host.exec(['systemctl', 'start', 'mariadb']);
  await sql(
    host,
    `CREATE DATABASE ${account.database};
     CREATE USER '${account.user}'@'%' IDENTIFIED BY '${account.password}';
     GRANT ALL ON ${account.database}.* TO '${account.user}'@'%';`,
  );
}

function write(table: string, enter = lab.clientArgv): Load {
  const historyFile = join(lab.directory, `${table}.jsonl`);
  return startLoad(enter, { host: lab.vip, ...account, table, historyFile });
}

test('the load client, the checker and the sampler', { skip, timeout: 180_000 }, async (t) => {
  lab = await startLab({ image: 'golden' });
  t.teardown(() => lab.close());
  await Promise.all([serve('db1', 1), serve('db2', 2)]);
  await showVip('db1');

  await t.test(
    'a killed and restarted server: every outcome is told, nothing acknowledged is missing',
    async (t) => {
      const host = lab.host('db1');
      const table = { database: account.database, table: 'killed' };
      await createLoadTable(host, table);
      await using load = write(table.table);
      await untilAcknowledged(load, 100);
      const at = monotonicMs();
      await lab.faults.killProcess('db1', await host.pidOf('mariadb.service'));
      await waitFor('a failure', async () => (await load.counters()).failed > 0 || undefined, {
        deadlineMs: 10_000,
        intervalMs: 20,
      });
      await host.exec(['systemctl', 'start', 'mariadb']);
      await untilAcknowledged(load, 100);
      const { history, counters } = await load.stop();
      const rows = new Map([['db1', await readRows(host, table)]]);
      const verdict = checkLoad({ history, rows, faults: [{ name: 'kill', at }] });
      t.ok(verdict.clean, 'clean');
      t.equal(verdict.acknowledged, counters.acknowledged);
      t.ok(verdict.failed > 0, 'refused connections are told as failures');
      t.match(verdict.gaps, [
        { name: 'kill', gapMs: Number, takeoverMs: null, serverBefore: 1, serverAfter: 1 },
      ]);

      await sql(
        host,
        `DELETE FROM app.killed ORDER BY id LIMIT 1; INSERT INTO app.killed VALUES (999999, 0, 1, NOW());`,
      );
      const planted = checkLoad({ history, rows: new Map([['db1', await readRows(host, table)]]) });
      t.equal(planted.lost.length, 1, 'a deleted row is lost');
      t.same(planted.unexpected, [999_999], 'a row of nobody is unexpected');
    },
  );

  await t.test('a host that vanishes silently does not block the client for ever', async (t) => {
    const table = { database: account.database, table: 'silent' };
    await createLoadTable(lab.host('db1'), table);
    await using load = write(table.table);
    await untilAcknowledged(load, 50);
    const endCut = await lab.faults.silentCut('db1');
    await waitFor('unknown outcomes', async () => (await load.counters()).unknown > 0 || undefined, {
      deadlineMs: 10_000,
      intervalMs: 20,
    });
    await endCut();
    await untilAcknowledged(load, 50);
    const { history } = await load.stop();
    const verdict = checkLoad({ history, rows: new Map([['db1', await readRows(lab.host('db1'), table)]]) });
    t.ok(verdict.clean, 'clean');
    t.ok(verdict.unknown > 0, 'statements without an answer are told as unknown');
  });

  await t.test('a server that hangs is left after the statement timeout', async (t) => {
    const table = { database: account.database, table: 'hung' };
    await createLoadTable(lab.host('db1'), table);
    await using load = write(table.table);
    await untilAcknowledged(load, 50);
    const resume = await lab.faults.stopProcess('db1', 'mariadb.service');
    await waitFor('unknown outcomes', async () => (await load.counters()).unknown > 0 || undefined, {
      deadlineMs: 10_000,
      intervalMs: 20,
    });
    await resume();
    await untilAcknowledged(load, 50);
    const { history } = await load.stop();
    const verdict = checkLoad({ history, rows: new Map([['db1', await readRows(lab.host('db1'), table)]]) });
    t.ok(verdict.clean, 'clean');
  });

  await t.test('two servers that acknowledge at the same time are caught', async (t) => {
    const table = { database: account.database, table: 'two' };
    for (const host of lab.hosts.values()) await createLoadTable(host, table);
    await using one = startLoad(lab.clientArgv, {
      ...{ host: lab.host('db1').address, ...account, table: 'two' },
      historyFile: join(lab.directory, 'two-1.jsonl'),
    });
    await using two = startLoad(lab.operatorArgv, {
      ...{ host: lab.host('db2').address, ...account, table: 'two', firstId: 1_000_000 },
      historyFile: join(lab.directory, 'two-2.jsonl'),
    });
    await Promise.all([untilAcknowledged(one, 50), untilAcknowledged(two, 50)]);
    const history = [...(await one.stop()).history, ...(await two.stop()).history];
    const rows = await readRowsOf([...lab.hosts.values()], table);
    const verdict = checkLoad({ history, rows });
    t.ok(verdict.overlaps.length > 0, 'overlapping writers');
    t.ok(verdict.differing.length >= 100, 'rows of one node only');
    t.notOk(verdict.clean);
  });

  await t.test('the sampler sees two hosts with the VIP, a power loss and a new namespace', async (t) => {
    await using sampler = await startVipSampler(lab.prefix, ['db1', 'db2'], lab.vip);
    t.same(sampler.holders(), ['db1']);
    await showVip('db2');
    await dropVip('db1');
    const until = (holders: readonly string[]) =>
      waitFor(
        `the VIP on ${holders.join()}`,
        () => sampler.holders().join() === holders.join() || undefined,
        { deadlineMs: 5000, intervalMs: 10 },
      );
    await until(['db2']);
    const [overlap, ...others] = vipOverlaps(sampler.intervals(), monotonicMs());
    t.same(overlap?.hosts, ['db1', 'db2']);
    t.same(others, []);
    await lab.host('db2').powerLoss();
    await until([]);
    await lab.host('db2').boot();
    await sampler.follow('db2');
    t.same(sampler.holders(), [], 'the address did not survive the power loss');
    await showVip('db2');
    await until(['db2']);
    t.same(vipOverlaps(sampler.intervals(), monotonicMs()), [overlap]);
  });
});
