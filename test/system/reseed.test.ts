// A host that has rows of its own, a copy that is cut off, a disk that was replaced, a forced primary: each ends with the
// pair in SYNC, what was given up in a file, and no row lost that a client was told to be done.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import tap, { test } from 'tap';
import type { VotingState } from '../../shared/model/facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type LabHost, startLab } from '../lab/lab.ts';
import { startLoad } from '../lab/load/load.ts';
import { createLoadTable, sql } from '../lab/load/tables.ts';
import { assertRows } from '../support/acknowledged-rows.ts';
import { deployPair, follow } from '../support/deployed-pair.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 900_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

const ACCOUNT = { user: 'app', password: 'app-in-the-lab', database: 'app' } as const;
const TABLE = { database: ACCOUNT.database, table: 'rows_of_the_load' };
const NAME = 'orders';

interface Status {
  readonly pairs: readonly {
    readonly healthy: boolean;
    readonly primary: string | null;
    readonly hosts: readonly {
      readonly name: string;
      readonly heartbeat: { readonly guard: { readonly voting: VotingState } | null } | null;
    }[];
  }[];
}

interface Reseeded {
  readonly saved: string | null;
  readonly kept: boolean;
  readonly errant: { readonly count: number; readonly transactions: readonly { statement: string }[] } | null;
}

test('a host gets its data anew', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = await deployPair(lab);
  await using daemon = follow(coordinator, 'serve');
  await daemon.said(/^Watching orders/);
  const hosts = [...lab.hosts.values()];

  const status = async (): Promise<Status['pairs'][number] | undefined> =>
    ((await coordinator.json('status')).document as Status).pairs[0];
  const becomes = (name: string, phase: string): Promise<true> =>
    waitFor(
      `${name} to be ${phase}`,
      async () => {
        const host = (await status())?.hosts.find((one) => one.name === name);
        return host?.heartbeat?.guard?.voting?.phase === phase ? true : undefined;
      },
      { deadlineMs: 60_000 },
    );
  const whole = async (): Promise<{ readonly a: LabHost; readonly b: LabHost }> => {
    const primary = await waitFor(
      'a healthy pair',
      async () => {
        const now = await status();
        return now?.healthy === true ? (now.primary ?? undefined) : undefined;
      },
      { deadlineMs: 90_000 },
    );
    const b = hosts.find(({ name }) => name !== primary);
    return { a: lab.host(primary), b: b ?? lab.host(primary) };
  };
  const reseed = async (host: string): Promise<Reseeded> => {
    const { code, document } = await coordinator.json('reseed', host, '--confirm', NAME);
    if (code !== 0) throw new Error(JSON.stringify(document));
    return document as Reseeded;
  };
  const errantRow = async (host: LabHost, words: string): Promise<void> => {
    await sql(
      host,
      `SET sql_log_bin = 1; INSERT INTO ${ACCOUNT.database}.notes (words) VALUES ('${words}');`,
    );
    await becomes(host.name, 'NEEDS_REPAIR');
  };
  const sameRows = async (): Promise<void> => {
    await waitFor(
      'both servers to have the same transactions',
      async () => {
        const [one, other] = await Promise.all(
          hosts.map((host) =>
            sql(host, `SELECT @@gtid_binlog_pos; CHECKSUM TABLE ${ACCOUNT.database}.notes;`),
          ),
        );
        return String(one) === String(other) ? true : undefined;
      },
      { deadlineMs: 20_000 },
    );
  };
  const leftOver = async (host: LabHost): Promise<string> =>
    (await host.exec(['find', '/var/lib', '-maxdepth', '1', '-name', 'mysql.hotpair-*'])).stdout.trim();

  const first = (await whole()).a;
  await sql(
    first,
    `CREATE DATABASE ${ACCOUNT.database};
     CREATE TABLE ${ACCOUNT.database}.notes (id INT PRIMARY KEY AUTO_INCREMENT, words VARCHAR(100));
     INSERT INTO ${ACCOUNT.database}.notes (words) VALUES ('common');
     CREATE USER '${ACCOUNT.user}'@'%' IDENTIFIED BY '${ACCOUNT.password}';
     GRANT ALL ON ${ACCOUNT.database}.* TO '${ACCOUNT.user}'@'%';`,
  );
  await createLoadTable(first, TABLE);

  await t.test('a row of its own: refused with the numbers, then replaced under load', async (t) => {
    const { a, b } = await whole();
    await using load = startLoad(lab.clientArgv, {
      ...{ ...ACCOUNT, ...TABLE, host: lab.vip, connections: 4, gtid: true },
      ...{ historyFile: join(lab.directory, 'load.jsonl'), firstId: 1_000_000 },
    });
    // In SYNC a row of the standby arrives on the primary, too.
    await coordinator.json('solo', 'on', NAME);
    await becomes(a.name, 'PRIMARY_SOLO');
    await errantRow(b, 'only here');
    await coordinator.json('solo', 'off', NAME);
    await a.exec(['systemctl', 'kill', '--signal=SIGKILL', '--kill-who=main', 'mariadb.service']);
    await becomes(a.name, 'PRIMARY_SOLO');
    const again = await coordinator.json('rejoin', b.name);
    t.match(again, {
      ...{ code: 3 },
      document: {
        error: {
          code: 'REFUSED',
          message: /needs repair still.*ends at [\d,-]+, that of .* at [\d,-]+\. coordinator reseed/s,
        },
      },
    });
    const wrong = await coordinator.json('reseed', b.name, '--confirm', 'another');
    t.match(wrong, { code: 3, document: { error: { code: 'REFUSED' } } }, 'the name has to be the pair’s');
    t.match(await coordinator.json('reseed', a.name, '--confirm', NAME), {
      ...{ code: 3, document: { error: { message: /is the primary of orders: switch over first/ } } },
    });
    await becomes(b.name, 'NEEDS_REPAIR');
    const done = await reseed(b.name);
    t.equal(done.errant?.count, 1);
    t.match(done.errant?.transactions[0]?.statement, /INSERT INTO app\.notes .*only here/);
    t.equal(done.kept, false);
    const saved = done.saved ?? '';
    t.match(readFileSync(saved, 'utf8'), /^-- 0-\d-\d+$[\s\S]*only here[\s\S]*-- That is all\.$/m);
    t.equal(statSync(saved).mode & 0o777, 0o600);
    const there = join(b.root, '/var/lib/hotpair/errant');
    t.ok(
      readdirSync(there).some(
        (name) => readFileSync(join(there, name), 'utf8') === readFileSync(saved, 'utf8'),
      ),
    );
    t.equal((await whole()).b.name, b.name);
    const { history } = await load.stop();
    await sameRows();
    const { acknowledged } = await assertRows(t, { hosts, table: TABLE, history });
    t.ok(acknowledged > 100);
    t.equal(await leftOver(b), '');
  });

  await t.test('a copy that is cut off is finished by the next command', async (t) => {
    const { b } = await whole();
    for (const at of [/A copy of/, /starts with the copy/, /joins the pair/, /catches up/]) {
      await using cut = follow(coordinator, 'reseed', b.name, '--confirm', NAME);
      await cut.said(at);
      await cut.end('SIGKILL');
      await reseed(b.name);
      t.equal((await whole()).b.name, b.name, String(at));
    }
    await sameRows();
  });

  await t.test('a host without data gets them', async (t) => {
    const { b } = await whole();
    await b.exec(['rm', '-rf', '/var/lib/mysql']);
    await b.exec(['systemctl', 'kill', '--signal=SIGKILL', '--kill-who=main', 'mariadb.service']);
    t.match(await reseed(b.name), { errant: { count: 0, note: /no list of binary logs/ } });
    t.equal((await whole()).b.name, b.name);
    await sameRows();
  });

  await t.test('a guard that lost its record comes back while the other two vote', async (t) => {
    const { b } = await whole();
    await b.exec(['systemctl', 'stop', 'hotpair-guard.service']);
    await b.exec(['rm', HOST_PATHS.pairRecord]);
    await b.exec(['systemctl', 'start', 'hotpair-guard.service']);
    t.equal((await whole()).b.name, b.name);
    t.ok(existsSync(join(b.root, HOST_PATHS.pairRecord)));
  });

  await t.test('a host that is installed anew: the deploy names the way, and it is gone', async (t) => {
    const { a, b } = await whole();
    t.match((await b.exec(['nft', 'list', 'tables'])).stdout, /table netdev hotpair/);
    t.match(await coordinator.json('agent', 'remove', b.name, '--force', b.name), { code: 0 });
    t.notMatch((await b.exec(['nft', 'list', 'tables'])).stdout, /hotpair/, 'nothing of the fence is left');
    await b.exec(['systemctl', 'stop', 'mariadb.service']);
    const packages = ['mariadb-server', 'mariadb-server-core', 'mariadb-backup', 'keepalived'];
    await b.exec(['apt-get', 'purge', '--yes', '--quiet', ...packages], { timeoutMs: 120_000 });
    await b.exec(['rm', '-rf', '/var/lib/mysql', '/etc/mysql/hotpair']);
    t.match(await coordinator.json('deploy', '--yes'), {
      document: {
        error: { code: 'PREFLIGHT_FAILED', message: /has nothing of the pair[\s\S]*coordinator reseed/ },
      },
    });
    await reseed(b.name);
    t.match(await whole(), { a: { name: a.name }, b: { name: b.name } });
    await sameRows();
    t.match(await coordinator.json('deploy', '--yes'), { code: 0 });
  });

  await t.test('a forced primary: what the lost one alone had is in the file', async (t) => {
    const { a, b } = await whole();
    await coordinator.json('maintenance', 'on', b.name);
    await becomes(b.name, 'MAINTENANCE');
    await b.exec(['systemctl', 'stop', 'mariadb.service']);
    await sql(a, `INSERT INTO ${ACCOUNT.database}.notes (words) VALUES ('given up');`);
    t.match(await coordinator.json('force', NAME, '--primary', b.name, '--confirm', NAME), {
      ...{ code: 3, document: { error: { message: /may lack commits that clients were told are done/ } } },
    });
    const force = ['force', NAME, '--primary', b.name, '--accept-data-loss', '--confirm', NAME];
    t.match(await coordinator.json(...force), {
      code: 3,
      document: { error: { message: /ms ago: it is not gone/ } },
    });
    await a.powerLoss();
    await waitFor(
      'the guard to accept the force',
      async () => ((await coordinator.json(...force)).code === 0 ? true : undefined),
      { deadlineMs: 60_000, intervalMs: 500 },
    );
    await becomes(b.name, 'PRIMARY_SOLO');
    await sql(b, `INSERT INTO ${ACCOUNT.database}.notes (words) VALUES ('after the force');`);
    await a.boot();
    await becomes(a.name, 'NEEDS_REPAIR');
    const done = await reseed(a.name);
    t.match(done.errant?.transactions.map(({ statement }) => statement).join('\n'), /given up/);
    t.ok(existsSync(done.saved ?? ''));
    t.equal((await whole()).a.name, b.name);
    await sameRows();
  });
});
