/** Parsers and argument lists, on what the real programs print. */

import fc from 'fast-check';
import { test } from 'tap';
import { sameValue } from '../../agent/actions/sql-ensure.ts';
import { parseGtidList } from '../../agent/actions/sql-read.ts';
import { coversGtid } from '../../agent/host/replication-channel.ts';
import { quoteDatabasePattern, quoteName } from '../../agent/host/sql.ts';
import { idOf, nameOf } from '../../agent/parse/accounts.ts';
import { fileDiff } from '../../agent/parse/file-diff.ts';
import { parseIpAddr } from '../../agent/parse/ip-addr.ts';
import { parseNeighbour } from '../../agent/parse/ip-neighbour.ts';
import { nativePasswordHash } from '../../agent/parse/native-password.ts';
import { lockHolders } from '../../agent/parse/proc-locks.ts';
import { parseListening } from '../../agent/parse/proc-net.ts';
import { refuseStatement } from '../../agent/parse/read-only-statement.ts';
import { parseGrants, planGrants, wantedGrants } from '../../agent/parse/sql-grants.ts';
import { apt, parseAptPolicy, parseDpkgQuery } from '../../agent/platform/apt.ts';
import { platformFor } from '../../agent/platform/detect.ts';
import { parseOsRelease } from '../../agent/platform/os-release.ts';
import { parseLogLine, parseSystemctlShow, parseTimestamp, systemd } from '../../agent/platform/systemd.ts';
import type { Address } from '../../shared/model/facts.ts';

const PLAIN = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host
       valid_lft forever preferred_lft forever
2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:0a:58:00:0b:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.88.0.11/24 brd 10.88.0.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet 10.88.0.10/24 scope global secondary eth0
       valid_lft forever preferred_lft forever
3: tun0: <POINTOPOINT> mtu 1500
    inet 10.9.0.1 peer 10.9.0.2/32 scope global tun0
`;

test('addresses of plain ip', async (t) => {
  t.same(parseIpAddr(PLAIN), [
    { interface: 'lo', address: '127.0.0.1', prefix: 8, family: 'inet' },
    { interface: 'lo', address: '::1', prefix: 128, family: 'inet6' },
    { interface: 'eth0', address: '10.88.0.11', prefix: 24, family: 'inet' },
    { interface: 'eth0', address: '10.88.0.10', prefix: 24, family: 'inet' },
    { interface: 'tun0', address: '10.9.0.1', prefix: 32, family: 'inet' },
  ]);
});

const address: fc.Arbitrary<Address> = fc.oneof(
  fc.record({
    interface: fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/),
    address: fc.ipV4(),
    prefix: fc.integer({ min: 0, max: 32 }),
    family: fc.constant('inet' as const),
  }),
  fc.record({
    interface: fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/),
    address: fc.ipV6(),
    prefix: fc.integer({ min: 0, max: 128 }),
    family: fc.constant('inet6' as const),
  }),
);

test('addresses that ip prints, as JSON or plain, are read back; anything else gives none and no fault', async (t) => {
  fc.assert(
    fc.property(fc.array(address, { maxLength: 6 }), (addresses) => {
      const json = addresses.map((entry) => ({
        ifname: entry.interface,
        addr_info: [{ family: entry.family, local: entry.address, prefixlen: entry.prefix, label: 'x' }],
      }));
      const plain = addresses.map(
        (entry, index) =>
          `${index + 1}: ${entry.interface}@if9: <UP> mtu 1500\n    link/ether 02:00:00:00:00:01\n    ${entry.family} ${entry.address}/${entry.prefix} scope global ${entry.interface}\n       valid_lft forever`,
      );
      for (const text of [JSON.stringify(json), plain.join('\n')])
        if (JSON.stringify(parseIpAddr(text)) !== JSON.stringify(addresses)) throw new Error(text);
    }),
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => `[${text}]`),
        ),
        (text) => {
          if (!Array.isArray(parseIpAddr(text))) throw new Error(text);
        },
      ),
      { numRuns: 1000 },
    ),
  );
});

test('a neighbour answers, is being asked, or is silent', async (t) => {
  t.same(parseNeighbour('10.88.0.12 lladdr 02:0a:58:00:0c:01 REACHABLE \n'), {
    mac: '02:0a:58:00:0c:01',
    failed: false,
  });
  t.same(parseNeighbour('10.88.0.10 INCOMPLETE \n'), { mac: null, failed: false });
  t.same(parseNeighbour('10.88.0.10 FAILED \n'), { mac: null, failed: true });
  t.same(parseNeighbour(''), { mac: null, failed: false });
});

test('packages: installed, half-installed, unknown; candidates; locks', async (t) => {
  const states = parseDpkgQuery(
    'mariadb-server\tinstalled\t1:10.11.19-0+deb12u1\nkeepalived\thalf-configured\t1:2.2.7-1\nold\tconfig-files\t1\nnone\tnot-installed\t\n',
  );
  t.same(
    [...states],
    [
      ['mariadb-server', { version: '1:10.11.19-0+deb12u1', complete: true }],
      ['keepalived', { version: '1:2.2.7-1', complete: false }],
    ],
  );
  t.same(
    [...parseAptPolicy('a:\n  Installed: (none)\n  Candidate: 1\nb:\n  Candidate: (none)\n')],
    [['a', '1']],
  );
  t.ok(
    apt.isLockFailure('E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt-get)'),
  );
  const install = apt.install(['mariadb-server', 'keepalived'], 1500);
  t.same(install.argv.slice(-3), ['install', 'mariadb-server', 'keepalived']);
  t.ok(install.argv.includes('DPkg::Lock::Timeout=2'));
  t.ok(install.argv.includes('Dpkg::Options::=--force-confold'));
  t.equal(install.env['DEBIAN_FRONTEND'], 'noninteractive');
  const locks = `3: POSIX  ADVISORY  WRITE 85 00:29:1518811 0 EOF
5: OFDLCK ADVISORY  WRITE -1 00:28:3 0 EOF
8: POSIX  ADVISORY  WRITE 223 00:29:1515729 0 EOF
8: -> POSIX  ADVISORY  WRITE 224 00:29:1515729 0 EOF
9: POSIX  ADVISORY  READ 9 00:29:1515729 0 EOF
`;
  t.same(lockHolders(locks, 1515729), [223], 'who waits or reads holds nothing');
  t.same(lockHolders(locks, 1), []);
});

test('units: active, failed, absent; times to the microsecond', async (t) => {
  const output = `LoadState=loaded
ActiveState=active
UnitFileState=enabled
MainPID=76
ActiveEnterTimestamp=Sun 2026-11-22 16:15:10.005295 UTC
ExecMainStartTimestamp=Sun 2026-11-22 16:15:09.682986 UTC
StateChangeTimestamp=Sun 2026-11-22 16:15:10.005295 UTC
InvocationID=e98a215e43d74c58a0c95ce275c79df4
NeedDaemonReload=no
Result=success

LoadState=not-found
ActiveState=inactive
MainPID=0

LoadState=loaded
ActiveState=failed
UnitFileState=disabled
MainPID=0
NeedDaemonReload=yes
Result=exit-code
`;
  t.match(parseSystemctlShow(output, ['a.service', 'b.service', 'c.service', 'd.service']), [
    { unit: 'a.service', active: 'active', enabled: true, pid: 76, mainStartedAt: 1795364109682.986 },
    { unit: 'b.service', active: 'absent', enabled: false, pid: null, activeSince: null },
    { unit: 'c.service', active: 'failed', enabled: false, needsReload: true, result: 'exit-code' },
    { unit: 'd.service', active: 'absent' },
  ]);
  t.equal(parseTimestamp('n/a'), null);
  t.equal(parseTimestamp(''), null);
  t.equal(parseTimestamp('Sun 2026-11-22 16:15:10 UTC'), 1795364110000);
  t.same(systemd.actionArgv('start', 'a.service'), [
    'systemctl',
    '--no-ask-password',
    'start',
    '--',
    'a.service',
  ]);
  t.ok(systemd.logArgv({ units: ['a.service'], lines: 5, since: 1500 }).includes('--since=@1.500000'));
});

test('journal lines, also of bytes and without text', async (t) => {
  const line = (fields: object) =>
    parseLogLine(
      JSON.stringify({ __REALTIME_TIMESTAMP: '1795364110005295', _SYSTEMD_UNIT: 'a.service', ...fields }),
    );
  t.same(line({ PRIORITY: '4', MESSAGE: 'text' }), {
    time: 1795364110005,
    unit: 'a.service',
    priority: 4,
    message: 'text',
  });
  t.match(line({ MESSAGE: [104, 105] }), { message: 'hi', priority: 6 });
  t.match(line({ MESSAGE: null }), { message: '' });
  for (const text of ['', '{', '[]', '{"MESSAGE":"x"}']) t.equal(parseLogLine(text), null, text);
});

test('systems with an adapter, and one without', async (t) => {
  const debian = parseOsRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n');
  t.same(debian, { id: 'debian', versionId: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)', like: [] });
  t.equal(platformFor(debian).packages.name, 'apt');
  t.equal(platformFor(parseOsRelease('ID=linuxmint\nID_LIKE="ubuntu debian"')).services.name, 'systemd');
  t.throws(() => platformFor(parseOsRelease('ID=plan9')), { code: 'REFUSED' });
});

test('grants: what is missing is granted, what is too much revoked, what is equal left', async (t) => {
  const actual = parseGrants([
    "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `r`@`10.0.0.1` IDENTIFIED BY PASSWORD '*AB' REQUIRE SSL",
    'GRANT SELECT, INSERT ON `or\\_ders`.* TO `r`@`10.0.0.1` WITH GRANT OPTION',
    'GRANT SELECT (a, b) ON `x`.`t``q` TO `r`@`10.0.0.1`',
    'GRANT USAGE ON *.* TO `r`@`10.0.0.1`',
    'GRANT PROXY ON ``@`%` TO `r`@`10.0.0.1`',
  ]);
  const same = wantedGrants([
    { privileges: ['replication slave', 'REPLICATION CLIENT'], database: '*', table: '*' },
    { privileges: ['SELECT', 'INSERT', 'GRANT OPTION'], database: 'or_ders', table: '*' },
  ]);
  t.same(
    planGrants(actual, same).filter((step) => step.on !== '`x`.`t``q`'),
    [],
  );
  t.same(planGrants(parseGrants([]), wantedGrants([{ privileges: ['ALL'], database: 'a`b', table: '*' }])), [
    { verb: 'GRANT', privileges: ['ALL PRIVILEGES'], on: '`a``b`.*' },
  ]);
  t.match(planGrants(actual, []), [
    { verb: 'REVOKE', privileges: ['BINLOG MONITOR', 'REPLICATION SLAVE'], on: '*.*' },
    { verb: 'REVOKE', privileges: ['GRANT OPTION', 'INSERT', 'SELECT'] },
    { verb: 'REVOKE' },
  ]);
});

test('names and values as the server takes and shows them', async (t) => {
  t.equal(quoteName('a`; DROP DATABASE x; --'), '`a``; DROP DATABASE x; --`');
  t.equal(quoteDatabasePattern('a_b%c\\'), '`a\\_b\\%c\\\\`');
  fc.assert(
    fc.property(fc.string(), (name) => {
      const inner = quoteName(name).slice(1, -1);
      if (inner.replaceAll('``', '').includes('`')) throw new Error(name);
    }),
  );
  t.equal(nativePasswordHash('password'), '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
  t.ok(sameValue('ON', true) && sameValue('OFF', 0) && sameValue('1.000', 1) && sameValue('ROW', 'row'));
  t.notOk(sameValue('', 0) || sameValue('ON', false) || sameValue('10', '100'));
});

test('GTID positions', async (t) => {
  t.same(parseGtidList('0-1-42,101-1-7'), { 0: 42, 101: 7 });
  t.same(parseGtidList(''), {});
  t.ok(coversGtid('0-1-5,101-1-1', '0-2-5'));
  t.ok(coversGtid('', ''));
  t.notOk(coversGtid('0-1-5', '0-1-6'));
  t.notOk(coversGtid('0-1-5', '0-1-5,101-1-1'));
});

test('one reading statement runs, everything else is refused with the reason', async (t) => {
  for (const sql of [
    'SELECT 1',
    ' select * from `a;b` where c = "x;y" -- end',
    "SELECT 'INTO OUTFILE', 'it''s', \"\\\"\" FROM t;",
    '(SELECT 1) UNION (SELECT 2)',
    'SHOW SLAVE STATUS',
    'WITH x AS (SELECT 1) SELECT * FROM x',
    'EXPLAIN SELECT * FROM t',
    'DESCRIBE mysql.user',
    'SELECT REPLACE(a, "x", "y"), INSERT("abc", 1, 1, "d") FROM t',
  ])
    t.equal(refuseStatement(sql), null, sql);
  for (const sql of [
    '',
    ';',
    'SELECT 1; DROP TABLE t',
    'DROP TABLE t',
    "SELECT 1 INTO OUTFILE '/x'",
    'SELECT a INTO @b FROM t',
    'SELECT /*! 1 INTO OUTFILE "/x" */ 1',
    'SELECT /*M!100100 1 */ 1',
    "SELECT 'a\\'; DROP TABLE t; --",
    "SELECT LOAD_FILE('/etc/shadow')",
    'SELECT SLEEP(100)',
    'SELECT NEXT VALUE FOR s',
    'SELECT * FROM t FOR UPDATE',
    'SELECT 1 -- x\n; DELETE FROM t',
    'WITH x AS (SELECT 1) DELETE FROM t',
    'SET GLOBAL read_only = 0',
    'BEGIN',
    'COMMIT',
    'CALL p()',
    'ANALYZE TABLE t',
    'DO SLEEP(1)',
    'HANDLER t OPEN',
    "SELECT 'open",
    'SELECT 1 /* open',
  ])
    t.ok(refuseStatement(sql), sql);
});

test('small files of the system', async (t) => {
  t.equal(idOf('mysql', 'root:x:0:0\nmysql:x:102:103:MariaDB:/nonexistent:/bin/false\n'), 102);
  t.equal(idOf('nobody-here', 'root:x:0:0\n'), undefined);
  t.equal(nameOf(102, 'mysql:x:102:103\n'), 'mysql');
  t.equal(nameOf(7, ''), '7');
  const tcp = `  sl  local_address rem_address   st
   0: 0B00580A:1D09 00000000:0000 0A 00000000:00000000
   1: 0B00580A:0CEA 0100580A:C350 01 00000000:00000000
   2: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0
`;
  t.same(parseListening(tcp), [7433, 22]);
  t.match(fileDiff('/a', 'one\ntwo\n', 'one\n2\n'), /^--- \/a\n\+\+\+ \/a\n@@/);
  t.match(fileDiff('/a', null, 'x\n'), /^--- \/dev\/null/);
  t.match(fileDiff('/a', '', 'x\n'.repeat(500)), /more lines\]$/);
});
