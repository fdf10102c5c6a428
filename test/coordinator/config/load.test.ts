/** hotpair.yaml: what is accepted with which defaults, and where and how each mistake is reported. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { loadSpec } from '../../../coordinator/config/load.ts';
import { STORE_DEFAULTS } from '../../../shared/model/store-file.ts';
import { parseFile, problemsOf } from '../../support/config-text.ts';

const HOSTS = `    hosts:
      db1: { address: 10.88.0.11, interface: eth0 }
      db2: { address: 10.88.0.12, interface: eth0 }
`;
const PAIR = `pairs:
  orders:
    vip: 10.88.0.10/24
${HOSTS}`;

test('the smallest file gets every default', async (t) => {
  t.strictSame(parseFile(PAIR), {
    pairs: [
      {
        name: 'orders',
        vip: '10.88.0.10',
        vipPrefix: 24,
        hosts: [
          { name: 'db1', address: '10.88.0.11', interface: 'eth0', ssh: 'root@10.88.0.11', ordinal: 1 },
          { name: 'db2', address: '10.88.0.12', interface: 'eth0', ssh: 'root@10.88.0.12', ordinal: 2 },
        ],
        database: { flavor: 'mariadb', port: 3306, settings: {}, application: null },
        protection: 'availability',
        fence: 'nftables',
        guardPort: 7434,
        vrrp: { virtualRouterId: 51, advertIntervalMs: 50 },
      },
    ],
    ...{ reports: null, store: STORE_DEFAULTS },
    coordinator: {
      listen: { host: '127.0.0.1', port: 8080 },
      data: '/var/lib/hotpair',
      agentPort: 7433,
      sshConfig: null,
      smtp: null,
      tls: null,
    },
  });
});

test('several schedules: what one does not say for itself is as the reports say', async (t) => {
  const { reports } = parseFile(
    `${PAIR}reports:
  timezone: Asia/Shanghai
  language: zh
  to: [ { folder: outbox } ]
  schedules:
    morning: { schedule: daily, period: 24h }
    board: { schedule: monthly, language: en, to: [ { webhook: "https://chat.example.org/x" } ] }
`,
    '/srv/pairs/hotpair.yaml',
  );
  const outbox = { folder: '/srv/pairs/outbox' };
  t.strictSame(reports, {
    ...{ timezone: 'Asia/Shanghai', language: 'zh' },
    schedules: [
      { name: 'morning', cron: '0 8 * * *', language: 'zh', periodMs: 86_400_000, to: [outbox] },
      {
        ...{ name: 'board', cron: '0 8 1 * *', language: 'en', periodMs: null },
        to: [{ webhook: 'https://chat.example.org/x' }],
      },
    ],
  });
  t.strictSame(parseFile(`${PAIR}reports: { schedule: weekly, period: 30d }\n`).reports, {
    ...{ timezone: 'UTC', language: 'en' },
    schedules: [{ name: null, cron: '0 8 * * 1', language: 'en', periodMs: 30 * 86_400_000, to: [] }],
  });
});

test('everything that can be said is taken, relative paths count from the folder of the file', async (t) => {
  const spec = parseFile(
    `${PAIR}    database:
      port: 3307
      settings: { innodb-buffer-pool-size: 1G, max_connections: 500, innodb_file_per_table: true }
      application: { database: shop, user: shop, password_file: shop.password, from: '10.0.0.%' }
    vrrp: { virtual_router_id: 7, advert_interval: 1s }
    outage_budget: 90s per 7d
reports:
  schedule: "0 8 * * *"
  timezone: Asia/Shanghai
  to: [ { email: dba@example.org }, { webhook: "https://chat.example.org/x", format: slack }, { folder: outbox } ]
store: { events: 5000, samples: { fine: 12h, ten_minutes: 400d } }
coordinator:
  tls: { cert: own.crt, key: own.key }
  listen: "[::1]:9090"
  data: state
  agent_port: 7000
  ssh_config: ssh.conf
  smtp: { host: mail, from: hotpair@example.org, user: u, password_file: smtp.password, tls: starttls }
`,
    '/srv/pairs/hotpair.yaml',
  );
  t.strictSame(spec.pairs[0]?.database, {
    flavor: 'mariadb',
    port: 3307,
    settings: { innodb_buffer_pool_size: '1G', max_connections: '500', innodb_file_per_table: 'ON' },
    application: {
      database: 'shop',
      user: 'shop',
      from: '10.0.0.%',
      passwordFile: '/srv/pairs/shop.password',
    },
  });
  t.strictSame(spec.pairs[0]?.vrrp, { virtualRouterId: 7, advertIntervalMs: 1000 });
  t.strictSame(spec.pairs[0]?.outageBudget, { allowedMs: 90_000, days: 7 });
  t.strictSame(spec.reports?.schedules[0]?.to[2], { folder: '/srv/pairs/outbox' });
  t.strictSame(spec.store, {
    events: 5000,
    decisions: STORE_DEFAULTS.decisions,
    samples: { ...STORE_DEFAULTS.samples, fineMs: 12 * 3_600_000, tenMinutesMs: 400 * 86_400_000 },
  });
  t.strictSame(spec.coordinator, {
    tls: { cert: '/srv/pairs/own.crt', key: '/srv/pairs/own.key' },
    listen: { host: '::1', port: 9090 },
    data: '/srv/pairs/state',
    agentPort: 7000,
    sshConfig: '/srv/pairs/ssh.conf',
    smtp: {
      host: 'mail',
      from: 'hotpair@example.org',
      user: 'u',
      password_file: '/srv/pairs/smtp.password',
      tls: 'starttls',
    },
  });
});

test('an alias stands for what it names', async (t) => {
  const text = PAIR.replace('db1: {', 'db1: &one {').replace(
    /db2: .*/,
    'db2: { address: 10.88.0.12, interface: &i eth1 }',
  );
  t.equal(
    parseFile(`${text}    database: { settings: { character_set_server: *i } }\n`).pairs[0]?.database
      .settings['character_set_server'],
    'eth1',
  );
});

const other = (vip: string, one: string, two: string, rest = ''): string =>
  `  shop: { vip: ${vip}, hosts: { db3: { address: ${one}, interface: eth0 }, db4: { address: ${two}, interface: eth0 } }${rest} }\n`;
const withVip = (vip: string): string => PAIR.replace('10.88.0.10/24', vip);
const withSetting = (text: string): string => `${PAIR}    database: { settings: { ${text} } }\n`;
const withReports = (text: string): string => `${PAIR}reports: { ${text} }\n`;
const withCoordinator = (text: string): string => `${PAIR}coordinator: { ${text} }\n`;

/** Title, text of the file, and what must be reported as `line:column path: words`. */
const MISTAKES: readonly (readonly [string, string, string])[] = [
  ['empty file', '', '1:1 : the file is empty'],
  ['not a map', '- a\n', '1:1 : must be a map with pairs, not a list'],
  ['no pairs', 'pairs: {}\n', '1:1 pairs: at least 1 entry'],
  ['syntax', 'pairs: [\n', '2:1 : Flow sequence'],
  ['tab as indentation', 'pairs:\n\torders: 1\n', '2:1 : Tabs are not allowed'],
  ['two documents', `${PAIR}---\na: 1\n`, '7:1 : Source contains multiple documents'],
  ['unknown alias', `${PAIR}reports: *nothing\n`, '7:10 : there is no anchor &nothing'],
  ['unknown tag', `${PAIR}reports: !secret x\n`, '7:10 : Unresolved tag: !secret'],
  ['duplicate key', `${PAIR}    vip: 10.88.0.9/24\n`, '7:5 : this key occurs twice'],
  ['same host name', PAIR.replace('db2:', 'db1:'), '6:7 : this key occurs twice'],
  ['unknown key', `${PAIR}    vpi: 1\n`, '7:5 pairs.orders.vpi: unknown key; did you mean vip?'],
  [
    'far-off key',
    `${PAIR}zebra: 1\n`,
    '7:1 zebra: unknown key; the keys here are pairs, reports, alerts, coordinator',
  ],
  ['key of another level', `vip: x\n${PAIR}`, '1:1 vip: unknown key'],
  ['missing key', `pairs:\n  orders:\n${HOSTS}`, '2:3 pairs.orders: the key vip is missing'],
  [
    'missing interface',
    PAIR.replace(', interface: eth0', ''),
    '5:7 pairs.orders.hosts.db1: the key interface is missing',
  ],
  [
    'one host',
    PAIR.replace(/ {6}db2.*\n/, ''),
    '4:5 pairs.orders.hosts: exactly 2 entries are needed, there are 1',
  ],
  ['name of a host', PAIR.replace('db2', 'DB_2'), '6:7 pairs.orders.hosts.DB_2: the name must be lower-case'],
  [
    'a host with the name of the coordinator',
    PAIR.replace('db2', 'coordinator'),
    '6:7 pairs.orders.hosts.coordinator: no host can be named coordinator: agents and guards know the coordinator by it',
  ],
  ['empty value', withVip(''), '3:10 pairs.orders.vip: must be text, not empty'],
  [
    'number for text',
    PAIR.replace('eth0', '0'),
    '5:46 pairs.orders.hosts.db1.interface: must be the name of a network interface',
  ],
  [
    'text for a number',
    `${PAIR}    database: { port: many }\n`,
    '7:23 pairs.orders.database.port: must be a whole number from 1 to 65535, not "many"',
  ],
  [
    'number out of range',
    `${PAIR}    vrrp: { virtual_router_id: 256 }\n`,
    '7:32 pairs.orders.vrrp.virtual_router_id: must be a whole number from 1 to 255',
  ],
  [
    'another server',
    `${PAIR}    database: { flavor: oracle }\n`,
    '7:25 pairs.orders.database.flavor: must be mariadb, not "oracle"',
  ],
  ['list for a map', `${PAIR}    database: [a]\n`, '7:5 pairs.orders.database: must be a map, not a list'],

  [
    'VIP without prefix',
    withVip('10.88.0.10'),
    '3:10 pairs.orders.vip: must be an IPv4 address with prefix length',
  ],
  [
    'VIP with a wild prefix',
    withVip('10.88.0.10/33'),
    '3:10 pairs.orders.vip: must be an IPv4 address with prefix',
  ],
  [
    'VIP with two prefixes',
    withVip('10.88.0.10/24/24'),
    '3:10 pairs.orders.vip: must be an IPv4 address with prefix',
  ],
  ['VIP of IPv6', withVip('"fd00::1/64"'), '3:10 pairs.orders.vip: must be an IPv4 address with prefix'],
  [
    'VIP with leading zeros',
    withVip('10.088.0.10/24'),
    '3:10 pairs.orders.vip: must be an IPv4 address with prefix',
  ],
  [
    'VIP network too small',
    withVip('10.88.0.10/30'),
    '3:10 pairs.orders.vip: the prefix length must be at most 29',
  ],
  [
    'VIP is the network',
    withVip('10.88.0.0/24'),
    '3:10 pairs.orders.vip: 10.88.0.0 is the address of the network itself',
  ],
  [
    'VIP is the broadcast',
    withVip('10.88.0.255/24'),
    '3:10 pairs.orders.vip: 10.88.0.255 is the broadcast address',
  ],
  [
    'VIP outside the subnet',
    withVip('10.88.1.10/24'),
    '3:10 pairs.orders.vip: db1 (10.88.0.11) and db2 (10.88.0.12) are outside the network',
  ],
  [
    'VIP of one host only',
    PAIR.replace('.0.12', '.1.12'),
    '3:10 pairs.orders.vip: db2 (10.88.1.12) is outside the network',
  ],
  ['VIP is a host', withVip('10.88.0.11/24'), '3:10 pairs.orders.vip: is also the address of db1'],
  [
    'VIP on loopback',
    withVip('127.0.0.5/8'),
    '3:10 pairs.orders.vip: 127.0.0.5 cannot be the address of a host',
  ],
  [
    'address of both hosts',
    PAIR.replace('.0.12', '.0.11'),
    '6:23 pairs.orders.hosts.db2.address: 10.88.0.11 is already the address of db1 in orders',
  ],
  [
    'no address',
    PAIR.replace('10.88.0.12', 'db2.example.org'),
    '6:23 pairs.orders.hosts.db2.address: must be an IPv4 address',
  ],
  [
    'multicast address',
    PAIR.replace('10.88.0.12', '224.0.0.18'),
    '6:23 pairs.orders.hosts.db2.address: 224.0.0.18 cannot be',
  ],
  [
    'ssh takes no options',
    PAIR.replace('.0.11, ', '.0.11, ssh: -oProxyCommand=x, '),
    '5:40 pairs.orders.hosts.db1.ssh: must be a destination of ssh',
  ],

  [
    'short advert interval',
    `${PAIR}    vrrp: { advert_interval: 5ms }\n`,
    '7:30 pairs.orders.vrrp.advert_interval: must be from 10ms to 10s',
  ],
  [
    'long advert interval',
    `${PAIR}    vrrp: { advert_interval: 11s }\n`,
    '7:30 pairs.orders.vrrp.advert_interval: must be from 10ms to 10s',
  ],
  [
    'odd advert interval',
    `${PAIR}    vrrp: { advert_interval: 15ms }\n`,
    '7:30 pairs.orders.vrrp.advert_interval: must be a multiple of 10ms',
  ],
  [
    'interval without unit',
    `${PAIR}    vrrp: { advert_interval: 50 }\n`,
    '7:30 pairs.orders.vrrp.advert_interval: must be a time such as 50ms or 1s, not 50',
  ],

  [
    'budget of more days than are counted',
    `${PAIR}    outage_budget: 5m per 31d\n`,
    '7:20 pairs.orders.outage_budget: must be a time in at most 30 days such as 5m per 30d',
  ],
  [
    'VIP of two pairs',
    PAIR + other('10.88.0.10/24', '10.88.0.13', '10.88.0.14', ', vrrp: { virtual_router_id: 9 }'),
    '7:16 pairs.shop.vip: 10.88.0.10 is already the VIP of orders',
  ],
  [
    'address of two pairs',
    PAIR + other('10.88.0.20/24', '10.88.0.11', '10.88.0.14', ', vrrp: { virtual_router_id: 9 }'),
    '7:56 pairs.shop.hosts.db3.address: 10.88.0.11 is already the address of db1 in orders',
  ],
  [
    'VIP is a host of another pair',
    PAIR + other('10.88.0.11/24', '10.88.0.13', '10.88.0.14', ', vrrp: { virtual_router_id: 9 }'),
    '7:16 pairs.shop.vip: 10.88.0.11 is already the address of db1 in orders',
  ],
  [
    'host name of two pairs',
    PAIR + other('10.89.0.10/24', '10.89.0.13', '10.89.0.14').replace('db3', 'db1'),
    '7:40 pairs.shop.hosts.db1: orders has a host of that name too',
  ],
  [
    'router id of two pairs',
    PAIR + other('10.88.0.20/24', '10.88.0.13', '10.88.0.14'),
    '7:3 pairs.shop.vrrp.virtual_router_id: virtual_router_id 51 is used by orders in the same network',
  ],
  [
    'port of the agents',
    `${PAIR}    database: { port: 7433 }\n`,
    '7:23 pairs.orders.database.port: 7433 is the port of the agents',
  ],

  [
    'reserved setting',
    withSetting('server_id: 3'),
    '7:29 pairs.orders.database.settings.server_id: server_id is not yours to set',
  ],
  [
    'reserved by another spelling',
    withSetting('Sync-Binlog: 0'),
    '7:29 pairs.orders.database.settings.Sync-Binlog: Sync-Binlog is not yours to set: an acknowledged commit',
  ],
  [
    'setting twice',
    withSetting('max_connections: 1, max-connections: 2'),
    '7:49 pairs.orders.database.settings.max-connections: is the same setting as max_connections',
  ],
  [
    'setting of two lines',
    withSetting('tmpdir: "a\\nb"'),
    '7:37 pairs.orders.database.settings.tmpdir: must be one line of text',
  ],
  [
    'setting as a list',
    withSetting('sql_mode: [a]'),
    '7:29 pairs.orders.database.settings.sql_mode: must be text, a number or true or false, not a list',
  ],
  [
    'setting without a value',
    withSetting('sql_mode: '),
    '7:40 pairs.orders.database.settings.sql_mode: must be text, a number or true or false, not empty',
  ],
  [
    'setting too large',
    withSetting('max_heap_table_size: 18446744073709551615'),
    '7:50 pairs.orders.database.settings.max_heap_table_size: is too large for a number',
  ],
  [
    "server's own database",
    `${PAIR}    database: { application: { database: mysql, user: shop } }\n`,
    '7:42 pairs.orders.database.application.database: mysql belongs to the server',
  ],
  [
    "hotpair's own account",
    `${PAIR}    database: { application: { database: shop, user: hotpair_repl } }\n`,
    '7:54 pairs.orders.database.application.user: hotpair_repl belongs',
  ],
  [
    'quotes in a host pattern',
    `${PAIR}    database: { application: { database: shop, user: shop, from: "a'b" } }\n`,
    '7:66 pairs.orders.database.application.from: must be a client host pattern',
  ],

  [
    'schedule',
    withReports('schedule: "61 * * * *"'),
    '7:22 reports.schedule: must be a cron expression of five fields',
  ],
  [
    'schedule with seconds',
    withReports('schedule: "0 0 8 * * *"'),
    '7:22 reports.schedule: must be a cron expression of five fields',
  ],
  ['no schedule', withReports('timezone: UTC'), '7:1 reports: the key schedule is missing; or schedules'],
  [
    'one schedule and several',
    withReports('schedule: daily, schedules: { weekly: { schedule: weekly } }'),
    '7:22 reports.schedule: is the only schedule: beside schedules it belongs into them',
  ],
  [
    'schedule of several',
    withReports('schedules: { weekly: { schedule: "weakly" } }'),
    '7:45 reports.schedules.weekly.schedule: must be a cron expression of five fields',
  ],
  [
    'e-mail of several',
    withReports('schedules: { weekly: { schedule: weekly, to: [ { email: a@b } ] } }'),
    '7:68 reports.schedules.weekly.to[0].email: e-mail needs a server',
  ],
  [
    'name of a schedule',
    withReports('schedules: { 7days: { schedule: weekly } }'),
    '7:25 reports.schedules.7days: the name must be lower-case letters',
  ],
  ['language', withReports('schedule: daily, language: fr'), '7:39 reports.language: must be en or zh'],
  [
    'period',
    withReports('schedule: daily, period: 1y'),
    '7:37 reports.period: must be hours or days such as 24h or 7d',
  ],
  [
    'timezone',
    withReports('schedule: "0 8 * * *", timezone: Asia/Shangai'),
    '7:45 reports.timezone: must be an IANA time zone',
  ],
  [
    'e-mail without a server',
    withReports('schedule: "0 8 * * *", to: [ { email: dba@example.org } ]'),
    '7:50 reports.to[0].email: e-mail needs a server',
  ],
  [
    'e-mail address',
    `${withReports('schedule: "0 8 * * *", to: [ { email: "dba @x" } ]')}coordinator: { smtp: { host: m, from: a@b } }\n`,
    '7:50 reports.to[0].email: must be an e-mail address',
  ],
  [
    'webhook',
    withReports('schedule: "0 8 * * *", to: [ { webhook: "file:///etc/passwd" } ]'),
    '7:52 reports.to[0].webhook: must be a URL',
  ],
  [
    'target of two kinds',
    withReports('schedule: "0 8 * * *", to: [ { folder: a, email: b } ]'),
    '7:41 reports.to[0]: must be a map with exactly one of the keys email, webhook, folder',
  ],
  [
    'key of a target',
    withReports('schedule: "0 8 * * *", to: [ { webhook: "https://x", formt: slack } ]'),
    '7:65 reports.to[0].formt: unknown key; did you mean format?',
  ],
  ['listen', withCoordinator('listen: "8080"'), '7:24 coordinator.listen: must be an address and a port'],
  [
    'listen port',
    withCoordinator('listen: "127.0.0.1:70000"'),
    '7:24 coordinator.listen: must be an address and a port',
  ],
  [
    'smtp without a password',
    withCoordinator('smtp: { host: m, from: a@b, user: u }'),
    '7:50 coordinator.smtp.user: needs password_file',
  ],
  [
    'smtp host',
    withCoordinator('smtp: { host: "a b", from: a@b }'),
    '7:30 coordinator.smtp.host: must be the name or address',
  ],
];

for (const [title, text, expected] of MISTAKES) {
  test(`mistake: ${title}`, async (t) => {
    const found = problemsOf(text).map(
      ({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`,
    );
    t.equal(found.length, 1, `one problem, not ${found.length}: ${found.join(' | ')}`);
    t.ok(found[0]?.startsWith(expected), `${found[0]} begins with ${expected}`);
  });
}

test('all problems are reported at once, in the order of the file, and healthy parts are still checked', async (t) => {
  const found = problemsOf(`pairs:
  orders:
    vip: 10.88.0.255/24
    hosts:
      db1: { adress: 10.88.0.11, interface: eth0 }
      db2: { address: 10.88.0.12, interface: eth0 }
  shop:
    vip: 10.89.0.10/24
    colour: red
    hosts:
      db3: { address: 10.89.0.11, interface: eth0 }
      db4: { address: 10.89.1.11, interface: eth0 }
    database: { port: x, settings: { log-bin: 0 } }
reports: { schedule: never, to: [ 5 ] }
`);
  t.strictSame(
    found.map(({ line, path }) => `${line} ${path}`),
    [
      '5 pairs.orders.hosts.db1',
      '5 pairs.orders.hosts.db1.adress',
      '8 pairs.shop.vip',
      '9 pairs.shop.colour',
      '13 pairs.shop.database.port',
      '13 pairs.shop.database.settings.log-bin',
      '14 reports.schedule',
      '14 reports.to[0]',
    ],
  );
});

test('two pairs in different networks may share a router id', async (t) => {
  t.equal(parseFile(PAIR + other('10.89.0.20/24', '10.89.0.13', '10.89.0.14')).pairs.length, 2);
});

test('a file is loaded from disk, and a missing or unreadable one says so', async (t) => {
  const folder = t.testdir();
  await writeFile(join(folder, 'hotpair.yaml'), PAIR);
  t.equal((await loadSpec(join(folder, 'hotpair.yaml'))).pairs[0]?.name, 'orders');
  await t.rejects(loadSpec(join(folder, 'nothing.yaml')), {
    code: 'CONFIG_INVALID',
    message: /There is no file .*coordinator init/,
  });
  await t.rejects(loadSpec(folder), { code: 'CONFIG_INVALID', message: /cannot be read/ });
});
