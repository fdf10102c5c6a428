// The files that a deploy puts onto the hosts, as text.
import { test } from 'tap';
import { reservedReason } from '../../../coordinator/config/reserved-settings.ts';
import {
  applicationAccount,
  replicationAccounts,
  verifyAccount,
} from '../../../coordinator/render/accounts.ts';
import { renderGuardConfig } from '../../../coordinator/render/guard-config.ts';
import { renderKeepalived } from '../../../coordinator/render/keepalived.ts';
import { renderKeepalivedUnit } from '../../../coordinator/render/keepalived-unit.ts';
import { renderServerConfig, SERVER_PKI } from '../../../coordinator/render/server-config.ts';
import { renderServerUnit } from '../../../coordinator/render/server-unit.ts';
import { MARIADB } from '../../../shared/flavor/mariadb.ts';
import { GuardConfigSchema } from '../../../shared/model/guard-config.ts';
import { ACTION_PARAMS } from '../../../shared/protocol/actions.ts';
import { decode } from '../../../shared/protocol/decode.ts';
import { optionsOf, parseOptionFile } from '../../../shared/text/option-file.ts';
import { makePair, SECRETS } from '../../support/make-pair.ts';

const pair = makePair({ application: true });
const [db1, db2] = pair.hosts;

function optionsFor(
  settings: Readonly<Record<string, string>>,
  ordinal: 1 | 2 = 1,
): Map<string, string | null> {
  const own = makePair({ settings });
  const text = renderServerConfig(MARIADB, own, own.hosts[ordinal - 1 === 0 ? 0 : 1]);
  return new Map(optionsOf(parseOptionFile(text), 'mariadbd').map(({ key, value }) => [key, value]));
}

test('the two servers differ in their identity alone', (t) => {
  const one = optionsFor({}, 1);
  const two = optionsFor({}, 2);
  const differing = [...one].filter(([key, value]) => two.get(key) !== value).map(([key]) => key);
  t.same(differing, ['server_id', 'auto_increment_offset']);
  t.end();
});

test('a server starts read-only, alone, durable, and in the one GTID domain', (t) => {
  t.match(Object.fromEntries(optionsFor({})), {
    ...{ read_only: '1', skip_slave_start: '1', event_scheduler: 'OFF', rpl_semi_sync_master_enabled: '0' },
    ...{
      sync_binlog: '1',
      innodb_flush_log_at_trx_commit: '1',
      sync_relay_log: '1',
      sync_master_info: '1',
      binlog_format: 'ROW',
    },
    ...{ gtid_domain_id: '0', gtid_strict_mode: '1', log_slave_updates: '1', bind_address: '0.0.0.0' },
    ...{ rpl_semi_sync_master_wait_point: 'AFTER_SYNC', ssl_key: SERVER_PKI.key },
  });
  t.end();
});

test("the user's settings come last, and replace hotpair's defaults", (t) => {
  const options = optionsFor({ innodb_buffer_pool_size: '1G', 'expire-logs-days': '3', sql_mode: 'A B' });
  t.equal(options.get('innodb_buffer_pool_size'), '1G');
  t.equal(options.get('sql_mode'), 'A B');
  t.equal(options.get('expire-logs-days'), '3');
  t.notOk(options.has('expire_logs_days'));
  t.end();
});

test('every option that the pair depends on is refused as a setting of the user', (t) => {
  const identity = { ordinal: 1, port: 3306, ...SERVER_PKI } as const;
  for (const name of MARIADB.pairOptions(identity).keys()) t.type(reservedReason(name), 'string', name);
  for (const name of MARIADB.defaultOptions().keys()) t.equal(reservedReason(name), undefined, name);
  t.end();
});

test('keepalived moves one address between two equals, and only with the permit', (t) => {
  t.equal(
    renderKeepalived(pair, db1, db2),
    `# Written by hotpair; "coordinator deploy" puts it back.
global_defs {
  router_id db1
  enable_script_security
  script_user root
  vrrp_version 3
  vrrp_garp_master_delay 1
  vrrp_garp_master_repeat 3
  vrrp_garp_master_refresh 5
  vrrp_garp_lower_prio_repeat 3
  vrrp_no_swap
}

track_file permit {
  file "/run/hotpair/vip_permit"
  weight 0 reverse
  init_file 0 overwrite
}

vrrp_instance VI_ORDERS {
  state BACKUP
  nopreempt
  interface eth0
  virtual_router_id 51
  priority 200
  advert_int 0.05
  down_timer_adverts 1
  unicast_src_ip 10.88.0.11
  unicast_peer {
    10.88.0.12
  }
  check_unicast_src
  virtual_ipaddress {
    10.88.0.10/24 dev eth0
  }
  track_file {
    permit
  }
}
`,
  );
  t.match(
    renderKeepalived(pair, db2, db1),
    /priority 199\n {2}advert_int 0.05\n {2}down_timer_adverts 1\n {2}unicast_src_ip 10.88.0.12/,
  );
  t.end();
});

test('the units: the server waits for its configuration and its guard, keepalived leaves no address behind', (t) => {
  t.match(renderServerUnit(), /^ConditionPathExists=\/etc\/mysql\/mariadb\.conf\.d\/99-hotpair\.cnf$/m);
  t.match(renderServerUnit(), /^Restart=no$/m);
  t.match(renderServerUnit(), /^EnvironmentFile=-\/run\/hotpair\/server\.env$/m);
  t.match(
    renderKeepalivedUnit(pair, db1),
    /^ExecStopPost=-\/usr\/sbin\/ip address del 10\.88\.0\.10\/24 dev eth0$/m,
  );
  t.match(renderKeepalivedUnit(pair, db1), /^Restart=always$/m);
  t.end();
});

test('the guard reads what is written for it', (t) => {
  const config = decode(
    GuardConfigSchema,
    JSON.parse(renderGuardConfig(MARIADB, pair, db2, db1, SECRETS)),
    'it',
  );
  t.match(config, {
    ...{ pair: 'orders', host: 'db2', ordinal: 2, vip: '10.88.0.10', interface: 'eth0' },
    peer: { name: 'db1', address: '10.88.0.11' },
    database: { port: 3306, replicationUser: 'hotpair_repl', replicationPassword: SECRETS.replication },
  });
  t.end();
});

test('accounts are the same on both hosts, least in rights, and outside the binary log', (t) => {
  const replication = replicationAccounts(pair, SECRETS);
  const application = applicationAccount(pair, SECRETS);
  t.same(
    replication.map(({ host, requireSsl }) => [host, requireSsl]),
    [
      ['10.88.0.11', true],
      ['10.88.0.12', true],
    ],
  );
  t.same(
    verifyAccount(SECRETS).grants.map(({ database }) => database),
    ['hotpair'],
  );
  t.match(application, { user: 'shop', host: '%', grants: [{ database: 'shop' }] });
  t.equal(applicationAccount(makePair(), SECRETS), null);
  for (const account of [
    ...replication,
    verifyAccount(SECRETS),
    ...(application === null ? [] : [application]),
  ]) {
    t.equal(account.binlog, false);
    t.doesNotThrow(() => decode(ACTION_PARAMS['sql-ensure'], account, 'account'));
  }
  t.end();
});
