/** `coordinator init` and `coordinator check` as processes. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { runCli } from '../../support/run-cli.ts';

test('init writes a file that check accepts, and leaves an existing one alone', async (t) => {
  const cwd = t.testdir();
  t.match(await runCli(['init'], { cwd }), { code: 0, stdout: /hotpair\.yaml is written/ });
  t.match(await runCli(['check'], { cwd }), { code: 0, stderr: '', stdout: /is valid/ });

  await writeFile(join(cwd, 'hotpair.yaml'), 'mine');
  t.match(await runCli(['init'], { cwd }), { code: 3, stderr: /exists already and was left alone; --force/ });
  t.equal(await readFile(join(cwd, 'hotpair.yaml'), 'utf8'), 'mine');
  t.match(await runCli(['init', '--force', '--json'], { cwd }), {
    code: 0,
    stdout: `{"file":"${join(cwd, 'hotpair.yaml')}"}\n`,
  });
  t.match(await readFile(join(cwd, 'hotpair.yaml'), 'utf8'), /^# hotpair\.yaml/);
  t.match(await runCli(['init', '-f', 'no/such/folder.yaml'], { cwd }), {
    code: 2,
    stderr: /cannot be written/,
  });
});

test('check says in plain words what would be deployed', async (t) => {
  const cwd = t.testdir({
    'hotpair.yaml': `pairs:
  orders:
    vip: 10.88.0.10/24
    hosts:
      db1: { address: 10.88.0.11, interface: eth0 }
      db2: { address: 10.88.0.12, interface: ens3, ssh: admin@db2 }
    database: { settings: { max_connections: 500 }, application: { database: shop, user: app, password_file: gone } }
reports: { schedule: "0 8 * * *", to: [ { webhook: "https://chat.example.org/hooks/SECRET" } ] }
`,
  });
  const { code, stdout, stderr } = await runCli(['check'], { cwd });
  t.equal(code, 0);
  for (const words of [
    'Pair orders: clients connect to 10.88.0.10 port 3306',
    /db1 {2}10\.88\.0\.11 {2}VIP on eth0 {2}server_id 1 {2}ssh root@10\.88\.0\.11/,
    /db2 {2}10\.88\.0\.12 {2}VIP on ens3 {2}server_id 2 {2}ssh admin@db2/,
    'max_connections = 500',
    `Database shop is created, with account 'app'@'%'`,
    'at "0 8 * * *" in UTC, to the reports folder, a webhook at https://chat.example.org',
  ])
    t.match(stdout, words);
  t.notMatch(stdout, 'SECRET');
  t.match(stderr, /warning: pairs\.orders\.database\.application\.password_file: .*gone is not readable/);
  const document = JSON.parse((await runCli(['check', '--json'], { cwd })).stdout);
  t.match(document, { valid: true, pairs: [{ name: 'orders' }], warnings: [/password_file/] });
});

test('check says of each schedule of reports when, about what, in which language and to whom', async (t) => {
  const cwd = t.testdir({
    'hotpair.yaml': `pairs:
  orders:
    vip: 10.88.0.10/24
    hosts:
      db1: { address: 10.88.0.11, interface: eth0 }
      db2: { address: 10.88.0.12, interface: eth0 }
reports:
  timezone: Asia/Shanghai
  schedules:
    morning: { schedule: daily, period: 24h, language: zh }
    board: { schedule: monthly, to: [ { folder: /srv/reports } ] }
`,
  });
  const { stdout } = await runCli(['check'], { cwd });
  t.match(
    stdout,
    'Report morning: at "0 8 * * *" in Asia/Shanghai, of the last 24 h, in Chinese, to the reports folder.',
  );
  t.match(stdout, 'Report board: at "0 8 1 * *" in Asia/Shanghai, to the reports folder, /srv/reports.');
});

test('check names every problem with line and column, in json as data', async (t) => {
  const cwd = t.testdir({ 'bad.yaml': 'pairs:\n  orders:\n    vpi: 10.88.0.10/24\n' });
  const { code, stderr } = await runCli(['check', '-c', 'bad.yaml'], { cwd });
  t.equal(code, 2);
  t.match(stderr, /bad\.yaml has 3 problems:\n {2}line 2, column 3: pairs\.orders: the key vip is missing/);
  const json = await runCli(['check', '-c', 'bad.yaml', '--json'], { cwd });
  t.equal(json.code, 2);
  t.match(JSON.parse(json.stdout), {
    error: {
      code: 'CONFIG_INVALID',
      data: { problems: [{ line: 2, column: 3 }, {}, { path: 'pairs.orders.vpi' }] },
    },
  });
});
