/** Every action against the real apt, systemd, MariaDB and keepalived of two lab hosts, each run twice. */

import tap, { test } from 'tap';
import type { FactsOf } from '../../shared/model/action-facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { ActionName, ActionParams, ActionResult } from '../../shared/protocol/actions.ts';
import { type LabHost, startLab } from '../lab/lab.ts';
import { startAgent, startLabAgents } from '../support/lab-agent.ts';
import { needsLab } from '../support/needs-lab.ts';

const REPLICATION_PASSWORD = 'r"e\'p`l\\';

const serverConfig = (id: number, more = ''): string => `[mariadb]
server_id = ${id}
gtid_domain_id = 0
gtid_strict_mode = 1
log_bin = mysqld-bin
log_slave_updates = 1
binlog_format = ROW
read_only = 1
skip_slave_start = 1
skip_name_resolve = 1
bind_address = 0.0.0.0
slave_net_timeout = 2
ssl_ca = /etc/mysql/hotpair/ca.crt
ssl_cert = /etc/mysql/hotpair/server.crt
ssl_key = /etc/mysql/hotpair/server.key
${more}`;

const timeout = 240_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

test('actions on real hosts', { skip: needsLab(), timeout }, async (t) => {
  await using lab = await startLab({ image: 'golden', hosts: ['db1', 'db2'] });
  await using agents = await startLabAgents(lab);
  const [db1, db2] = [lab.host('db1'), lab.host('db2')];
  const hosts = [db1, db2] as const;
  const bash = async (host: LabHost, script: string): Promise<string> =>
    (await host.exec(['bash', '-c', script])).stdout.trim();
  const sql = (host: LabHost, statement: string): Promise<string> =>
    host.exec(['mariadb', '-N', '-e', statement]).then((result) => result.stdout.trim());

  /** Plans, applies and applies again: changed, then nothing. */
  async function twice<N extends ActionName>(
    host: LabHost,
    name: N,
    params: ActionParams<N>,
  ): Promise<ActionResult & { readonly facts: FactsOf<N> }> {
    const planned = await agents.run(host, name, params, { mode: 'plan' });
    if (planned.outcome !== 'planned') throw new Error(`${name}: ${JSON.stringify(planned)}`);
    const first = await agents.run(host, name, params);
    if (first.outcome !== 'changed') throw new Error(`${name}: ${JSON.stringify(first)}`);
    const second = await agents.run(host, name, params);
    if (second.outcome !== 'ok') throw new Error(`${name} again: ${JSON.stringify(second)}`);
    return first;
  }

  await t.test('host-read and heartbeat on a host whose server is down', async (t) => {
    const { facts } = await agents.run(db1, 'host-read', {
      packages: ['mariadb-server', 'no-such-package'],
      paths: ['/etc/mysql', '/nowhere'],
      disks: ['/var/lib/mysql', '/not/there/yet'],
    });
    t.match(facts, {
      hostname: 'db1',
      uid: 0,
      os: { id: 'debian' },
      initSystem: 'systemd',
      packages: { 'mariadb-server': /^1:10\.11/, 'no-such-package': null },
      candidates: { 'no-such-package': null },
      paths: { '/etc/mysql': true, '/nowhere': false },
      userDatabases: null,
    });
    t.ok(facts.listening.includes(22) && facts.listening.includes(7433) && !facts.listening.includes(3306));
    t.match(await agents.run(db1, 'sql-read', { named: 'variables' }), {
      outcome: 'failed',
      error: { code: 'DATABASE_DOWN' },
    });
    t.match(await agents.call(db1, 'heartbeat', {}), {
      host: 'db1',
      database: { up: false },
      services: [
        { unit: 'mariadb.service', active: 'inactive' },
        { unit: 'keepalived.service', active: 'inactive' },
        { unit: 'hotpair-agent.service', active: 'active' },
        { unit: 'hotpair-guard.service', active: 'absent' },
      ],
    });
  });

  await t.test(
    'package-ensure: missing, half-installed, locked, unknown, and when the agent is killed',
    async (t) => {
      t.match(await agents.run(db1, 'package-ensure', { packages: ['mariadb-server', 'keepalived'] }), {
        outcome: 'ok',
      });
      await bash(db1, 'dpkg --purge --force-depends socat rsync');
      await twice(db1, 'package-ensure', { packages: ['socat', 'rsync'] });
      t.equal(await bash(db1, 'ls /usr/sbin/policy-rc.d 2>/dev/null || echo none'), 'none');
      await bash(db1, 'dpkg --unpack /var/lib/lab-repo/psmisc_*.deb');
      const repaired = await twice(db1, 'package-ensure', { packages: ['psmisc'] });
      t.match(repaired.changes, [{ subject: 'packages' }, { subject: 'package psmisc' }]);
      t.match(await agents.run(db1, 'package-ensure', { packages: ['no-such-package'] }), {
        error: { code: 'NOT_FOUND', message: /no-such-package/ },
      });

      const holder = db1.exec(['perl', '-e', LOCK_FOR_2_S]);
      await bash(
        db1,
        'until grep -q " WRITE .*:$(stat -c %i /var/lib/dpkg/lock-frontend) " /proc/locks; do sleep .05; done',
      );
      const missing = { packages: ['no-such-package'], lockTimeoutMs: 200 };
      t.match(await agents.run(db1, 'package-ensure', missing), {
        error: {
          code: 'PACKAGE_LOCKED',
          message: /^perl \(process \d+\) holds \/var\/lib\/dpkg\/lock-frontend/,
        },
      });
      await holder;

      await bash(db1, 'dpkg --purge --force-depends galera-4 socat rsync');
      const packages = ['galera-4', 'socat', 'rsync'];
      const installing = Promise.withResolvers<void>();
      const cut = t.rejects(
        agents.run(db1, 'package-ensure', { packages }, { onProgress: () => installing.resolve() }),
        { code: 'CONNECTION_LOST' },
      );
      await installing.promise;
      await bash(
        db1,
        'until pgrep -x dpkg >/dev/null; do sleep .01; done; systemctl kill -s KILL hotpair-agent',
      );
      await cut;
      await startAgent(db1);
      const after = await agents.run(db1, 'package-ensure', { packages });
      t.ok(after.outcome === 'ok' || after.outcome === 'changed', after.error?.message ?? 'installed');
      t.equal(await bash(db1, 'dpkg --audit'), '', 'nothing is half-configured');
    },
  );

  await t.test('file-ensure: keys, a server file that is checked first, a full disk', async (t) => {
    for (const [index, host] of hosts.entries()) {
      for (const [name, copyOf, mode] of [
        ['ca.crt', HOST_PATHS.ca, 0o644],
        ['server.crt', HOST_PATHS.databaseCert, 0o644],
        ['server.key', HOST_PATHS.databaseKey, 0o600],
      ] as const)
        await twice(host, 'file-ensure', {
          path: `${HOST_PATHS.serverPki}/${name}`,
          copyOf,
          mode,
          owner: 'mysql',
          group: 'mysql',
        });
      const content = serverConfig(index + 1);
      const params = { path: HOST_PATHS.serverDropIn, content, mode: 0o644, validate: 'mariadb' } as const;
      await twice(host, 'file-ensure', params);
    }
    t.equal(await bash(db1, `stat -c '%U:%G %a' ${HOST_PATHS.serverPki}/server.key`), 'mysql:mysql 600');
    for (const bad of ['no_such_option = 1', 'binlog_format = NONSENSE', 'innodb_buffer_pool_size = abc'])
      t.match(
        await agents.run(db1, 'file-ensure', {
          path: HOST_PATHS.serverDropIn,
          content: serverConfig(1, bad),
          mode: 0o644,
          validate: 'mariadb',
        }),
        {
          error: {
            code: 'CONFIG_REJECTED',
            message: new RegExp(bad.split(' ')[0]?.replaceAll('_', '.') ?? ''),
          },
        },
        bad,
      );
    t.notMatch(await bash(db1, `cat ${HOST_PATHS.serverDropIn}`), /NONSENSE|abc|no_such/);

    const keepalived = { path: HOST_PATHS.keepalivedConfig, mode: 0o644, validate: 'keepalived' } as const;
    const instance = (state: string) =>
      `vrrp_instance V {\n state ${state}\n interface eth0\n virtual_router_id 51\n priority 100\n virtual_ipaddress { ${lab.vip}/24 }\n}\n`;
    t.match(await agents.run(db1, 'file-ensure', { ...keepalived, content: instance('NONSENSE') }), {
      error: { code: 'CONFIG_REJECTED', message: /NONSENSE/ },
    });
    await bash(db1, 'mount -t tmpfs -o size=64k tmpfs /etc/keepalived');
    await twice(db1, 'file-ensure', { ...keepalived, content: instance('BACKUP') });
    const full = { ...keepalived, validate: 'json', content: `"${'x'.repeat(200_000)}"` } as const;
    t.match(await agents.run(db1, 'file-ensure', full), {
      error: { code: 'DISK_FULL', message: /\/etc\/keepalived is full/ },
    });
    t.equal(await bash(db1, 'cat /etc/keepalived/keepalived.conf'), instance('BACKUP').trim());
    t.equal(await bash(db1, 'ls -A /etc/keepalived'), 'keepalived.conf');
    await twice(db1, 'file-absent', { path: HOST_PATHS.keepalivedConfig });
    await bash(db1, 'umount /etc/keepalived');
  });

  await t.test(
    'service-ensure: start, restart for a newer file, roll back what does not start',
    async (t) => {
      const mariadb = {
        unit: 'mariadb.service',
        running: true,
        enabled: true,
        restartIfOlderThan: [HOST_PATHS.serverDropIn],
        rollback: [HOST_PATHS.serverDropIn],
      };
      for (const host of hosts) await twice(host, 'service-ensure', mariadb);
      const write = (more: string) =>
        agents.run(db1, 'file-ensure', {
          path: HOST_PATHS.serverDropIn,
          content: serverConfig(1, more),
          mode: 0o644,
          validate: 'mariadb',
        });
      const pid = await db1.pidOf('mariadb.service');
      await write('max_connections = 77\n');
      t.match(await twice(db1, 'service-ensure', mariadb), { changes: [{ summary: /^restart for/ }] });
      t.not(await db1.pidOf('mariadb.service'), pid);
      t.equal(await sql(db1, 'SELECT @@max_connections'), '77');

      await write('innodb_page_size = 8k\n');
      const failed = await agents.run(db1, 'service-ensure', mariadb);
      t.match(failed.error, { code: 'SERVER_START_FAILED', message: /\[ERROR\] InnoDB/ });
      t.match(failed.error?.data, { restored: [HOST_PATHS.serverDropIn] });
      t.equal(await sql(db1, 'SELECT @@max_connections'), '77', 'it runs with the settings from before');
      t.match(await agents.run(db1, 'service-ensure', mariadb), { outcome: 'ok' });

      await bash(
        db1,
        "sed 's/^/ExecStart=/' <<<'/bin/sleep 1000' | (echo '[Service]'; cat) > /etc/systemd/system/x.service",
      );
      await twice(db1, 'service-ensure', { unit: 'x.service', running: true });
      await bash(db1, 'sed -i s/1000/2000/ /etc/systemd/system/x.service');
      await twice(db1, 'service-ensure', { unit: 'x.service', running: false });
      await twice(db1, 'service-ensure', { unit: 'x.service', running: true });
      t.match(
        await bash(db1, 'systemctl show -p ExecStart x.service'),
        /2000/,
        'the unit file was read again',
      );
      await twice(db1, 'service-ensure', { unit: 'mariadb.service', enabled: false });
      t.match(await agents.run(db1, 'service-ensure', { unit: 'no-such.service', running: true }), {
        error: { code: 'COMMAND_FAILED', message: /no-such\.service/ },
      });
    },
  );

  await t.test('sql-ensure: accounts, databases, variables, hotpair-schema', async (t) => {
    for (const [host, peer] of [
      [db1, db2],
      [db2, db1],
    ] as const) {
      const account = {
        kind: 'user',
        user: 'hotpair_repl',
        host: peer.address,
        password: REPLICATION_PASSWORD,
        requireSsl: true,
        binlog: false,
        grants: [{ privileges: ['REPLICATION SLAVE'], database: '*', table: '*' }],
      } as const;
      const params = {
        ...account,
        grants: [...account.grants].map((grant) => ({ ...grant, privileges: [...grant.privileges] })),
      };
      await twice(host, 'sql-ensure', params);
      await twice(host, 'sql-ensure', { kind: 'hotpair-schema', binlog: false });
    }
    const odd = {
      kind: 'user' as const,
      user: 'o"dd`n\'ame',
      host: '%',
      password: 'one',
      requireSsl: false,
      binlog: false,
      grants: [{ privileges: ['SELECT', 'INSERT'], database: 'my_da`ta', table: '*' }],
    };
    await twice(db1, 'sql-ensure', odd);
    await twice(db1, 'sql-ensure', { ...odd, password: 'two', requireSsl: true });
    await twice(db1, 'sql-ensure', { ...odd, password: 'two', requireSsl: true, grants: [] });
    t.equal(await sql(db1, "SELECT COUNT(*) FROM mysql.db WHERE User LIKE 'o%'"), '0');
    await sql(db1, "SET sql_log_bin = 0; DROP USER 'o\\\"dd`n\\'ame'@'%'");
    await twice(db1, 'sql-ensure', { kind: 'database', database: 'da-ta$1', binlog: false });
    await sql(db1, 'SET sql_log_bin = 0; DROP DATABASE `da-ta$1`');
    await twice(db1, 'sql-ensure', { kind: 'variable', name: 'max_connections', value: 99 });
    await twice(db1, 'sql-ensure', { kind: 'variable', name: 'event_scheduler', value: true });
    t.equal(await sql(db1, 'SELECT @@gtid_binlog_pos'), '', 'none of it is in the binary log');
    t.notMatch(await bash(db1, 'cat /var/lib/hotpair/journal.jsonl'), /r\\"e|"two"/);
  });

  await t.test('replication-ensure: both ways, one missing thread, another password, refusals', async (t) => {
    const from = (peer: LabHost, more: object = {}) => ({
      source: {
        host: peer.address,
        port: 3306,
        user: 'hotpair_repl',
        password: REPLICATION_PASSWORD,
        sslCa: `${HOST_PATHS.serverPki}/ca.crt`,
      },
      running: true,
      fresh: true,
      ...more,
    });
    const pairs = [
      [db1, db2],
      [db2, db1],
    ] as const;
    await Promise.all(
      pairs.map(([host, peer]) => twice(host, 'replication-ensure', from(peer, { running: false }))),
    );
    await Promise.all(pairs.map(([host, peer]) => twice(host, 'replication-ensure', from(peer))));
    for (const [host, peer] of pairs) {
      const token = `from-${host.name}`;
      await twice(host, 'verify-row-ensure', { token });
      const { facts } = await agents.run(peer, 'verify-row-read', { token, timeoutMs: 5000 });
      t.match(facts, { found: true, serverId: host === db1 ? 1 : 2 });
    }
    t.match(await agents.run(db1, 'verify-row-read', { token: 'nobody', timeoutMs: 50 }), {
      outcome: 'ok',
      facts: { found: false },
    });
    t.match(await agents.run(db1, 'sql-read', { named: 'binlog-domains' }), {
      facts: { domains: { 101: Number, 102: Number } },
    });

    const started = await sql(db1, 'SHOW STATUS LIKE "Slave_received_heartbeats"');
    t.match(await agents.run(db1, 'replication-ensure', from(db2)), { outcome: 'ok' });
    t.ok(started, 'nothing was restarted');
    for (const thread of ['IO_THREAD', 'SQL_THREAD']) {
      await sql(db1, `STOP SLAVE ${thread}`);
      const again = await twice(db1, 'replication-ensure', from(db2));
      t.equal(again.changes.length, 1, `only ${thread} is started`);
    }
    const wrong = from(db2, { readyTimeoutMs: 2000 });
    t.match(
      await agents.run(db1, 'replication-ensure', { ...wrong, source: { ...wrong.source, password: 'x' } }),
      { error: { code: 'SQL_FAILED', message: /Access denied/ } },
    );
    t.match(await twice(db1, 'replication-ensure', from(db2)), { changes: [{ summary: 'reconfigure' }] });
    await bash(db2, 'ip addr add 10.88.0.99/24 dev eth0');
    const other = from(db2, { readyTimeoutMs: 2000 });
    t.match(
      await agents.run(db1, 'replication-ensure', {
        ...other,
        source: { ...other.source, host: '10.88.0.99' },
      }),
      { error: { code: 'SQL_FAILED', message: /certificate/i } },
      'a certificate for another address is not taken',
    );
    await twice(db1, 'replication-ensure', from(db2));

    await sql(db1, 'STOP SLAVE');
    await bash(db2, 'systemctl stop mariadb');
    t.match(await agents.run(db1, 'replication-ensure', from(db2)), {
      error: { code: 'REFUSED', message: /does not answer/ },
    });
    await bash(db2, 'systemctl start mariadb');
    await Promise.all(pairs.map(([host, peer]) => twice(host, 'replication-ensure', from(peer))));

    await sql(
      db1,
      'CREATE DATABASE app; CREATE TABLE app.t (a INT PRIMARY KEY); INSERT INTO app.t VALUES (1)',
    );
    await sql(db1, 'STOP SLAVE; RESET SLAVE ALL');
    t.match(await agents.run(db1, 'replication-ensure', from(db2)), {
      error: { code: 'REFUSED', message: /app/ },
    });
    await twice(db1, 'replication-ensure', from(db2, { fresh: false }));
  });

  await t.test('sql-read: named, free, limited, refused', async (t) => {
    for (const named of [
      'database-state',
      'variables',
      'accounts',
      'databases',
      'processes',
      'verify-rows',
    ] as const)
      t.match(await agents.run(db1, 'sql-read', { named }), { outcome: 'ok', facts: { named } }, named);
    t.match(await agents.call(db1, 'replication', {}), { ioRunning: 'Yes', sqlRunning: true, ssl: true });
    const read = (query: string, more: object = {}) => agents.run(db1, 'sql-read', { query, ...more });
    t.match(await read('SELECT 1 AS a UNION SELECT 2', { rowLimit: 1 }), {
      facts: { columns: ['a'], rows: [{ a: 1 }], truncated: true },
    });
    t.match(await read("SELECT NULL AS n, X'00FF' AS b, 12345678901234567890 AS d"), {
      facts: { rows: [{ n: null, b: '0x00ff' }] },
    });
    t.match(await read("SELECT 1 INTO OUTFILE '/tmp/x'"), { error: { code: 'REFUSED' } });
    t.match(await read('SELECT 1; DROP DATABASE app'), { error: { code: 'REFUSED' } });
    t.match(await read('SELECT * FROM no.such'), { error: { code: 'SQL_FAILED', message: /no\.such/ } });
    const columns = 'information_schema.COLUMNS';
    t.match(await read(`SELECT COUNT(*) FROM ${columns} a, ${columns} b, ${columns} c`, { timeoutMs: 300 }), {
      error: { code: 'SQL_FAILED', message: /max_statement_time/ },
    });
    await bash(db1, `kill -STOP ${await db1.pidOf('mariadb.service')}`);
    t.match(await agents.call(db1, 'heartbeat', {}), { database: { up: false, error: /within 900 ms/ } });
    t.match(await read('SELECT 1', { timeoutMs: 200 }), { error: { code: 'DATABASE_DOWN' } });
    await bash(db1, `kill -CONT ${await db1.pidOf('mariadb.service')}`);
    t.match(await agents.call(db1, 'heartbeat', {}), { database: { up: true } }, 'and it is back');
  });

  await t.test('addresses, neighbours and logs', async (t) => {
    const { facts } = await agents.run(db1, 'address-read', {});
    t.ok(facts.addresses.some((entry) => entry.interface === 'eth0' && entry.address === db1.address));
    const probe = (address: string) => agents.run(db1, 'address-probe', { interface: 'eth0', address });
    t.match(await probe(db2.address), { facts: { answered: true, mac: /^02:/, own: false } });
    t.match(await probe(lab.vip), { facts: { answered: false, mac: null } });
    t.match(await probe(db1.address), { facts: { answered: true, own: true } });
    t.match(await probe('x'), { error: { code: 'INVALID_PARAMS' } });
    await bash(db1, `ip addr add ${lab.vip}/24 dev eth0`);
    const beat = await agents.call(db1, 'heartbeat', {});
    t.ok(
      beat.addresses.some(
        (entry) => entry.address === lab.vip && entry.prefix === 24 && entry.interface === 'eth0',
      ),
      'the heartbeat sees a second address',
    );
    const logs = await agents.run(db1, 'log-read', { units: ['mariadb.service'], lines: 5 });
    t.equal(logs.facts.lines.length, 5);
    t.match(logs.facts.lines[0], { source: 'mariadb.service', time: Number });
    const follow = t.rejects(
      agents.call(db1, 'log.follow', { units: ['ssh.service'], lines: 0 }, { deadlineMs: 3000 }),
      { code: 'DEADLINE_EXCEEDED' },
    );
    await bash(
      db1,
      'until pgrep -x journalctl; do sleep .05; done; while pgrep -x journalctl; do systemctl reload ssh; sleep .3; done',
    );
    await follow;
    t.ok(
      agents.logs.some((line) => /listening on/.test(line)),
      'new lines are pushed while the call runs',
    );
    t.equal(await bash(db1, 'pgrep -x journalctl || echo none'), 'none', 'and its follower is gone');
    await bash(db1, 'mkdir -p /var/log/x; seq 1000 > /var/log/x/numbers; ln -s /etc/shadow /var/log/x/link');
    t.match(await agents.run(db1, 'log-read', { file: '/var/log/x/numbers', lines: 2 }), {
      facts: { lines: [{ message: '999' }, { message: '1000' }] },
    });
    t.match(await agents.run(db1, 'log-read', { file: '/var/log/x/link', lines: 2 }), {
      error: { code: 'PATH_REFUSED' },
    });
  });
});

/** A POSIX lock on dpkg's frontend lock, as apt takes it. */
const LOCK_FOR_2_S =
  'use Fcntl; open(F,"+<","/var/lib/dpkg/lock-frontend"); my $l=pack("s s l! l! i",F_WRLCK,0,0,0,0); fcntl(F,F_SETLK,$l) or die; sleep 2;';
