/** Which server settings are hotpair's, in every spelling that the server would take for them. */

import fc from 'fast-check';
import { test } from 'tap';
import { reservedReason } from '../../../coordinator/config/reserved-settings.ts';
import { MARIADB } from '../../../shared/flavor/mariadb.ts';

const RESERVED = [
  ...[
    'server_id',
    'log_bin',
    'log-bin',
    'gtid_domain_id',
    'gtid_strict_mode',
    'binlog_format',
    'read_only',
    'bind-address',
  ],
  ...[
    'rpl_semi_sync_master_enabled',
    'log_slave_updates',
    'sync_binlog',
    'innodb_flush_log_at_trx_commit',
    'port',
    'ssl',
  ],
  ...[
    'slave_skip_errors',
    'auto_increment_offset',
    'ssl_ca',
    'skip_slave_start',
    'datadir',
    'socket',
    'plugin_load_add',
  ],
  ...[
    'replicate_ignore_db',
    'binlog-ignore-db',
    'replicate-do-table',
    'event_scheduler',
    'skip_name_resolve',
  ],
  ...[
    'skip-log-bin',
    'disable_log_bin',
    'loose-gtid_strict_mode',
    'loose_skip_log_bin',
    'enable-read-only',
    'skip-sync-binlog',
  ],
  ...['SERVER_ID', 'Log_Bin', 'server_i', 'gtid', 'innodb_flush_log_at_trx', 'wsrep_on', 'skip_ssl'],
];

const OWN = [
  ...[
    'innodb_buffer_pool_size',
    'max_connections',
    'sql_mode',
    'character_set_server',
    'slow_query_log',
    'tmp_table_size',
  ],
  ...[
    'wait_timeout',
    'max_allowed_packet',
    'expire_logs_days',
    'max_binlog_size',
    'innodb_log_file_size',
    'lower_case_table_names',
  ],
  ...[
    'innodb_flush_method',
    'thread_cache_size',
    'binlog_expire_logs_seconds',
    'collation_server',
    'require_secure_transport',
  ],
];

test('settings that the pair depends on are refused with a reason', async (t) => {
  for (const name of RESERVED) t.type(reservedReason(name), 'string', name);
});

test("the user's own settings are taken", async (t) => {
  for (const name of OWN) t.equal(reservedReason(name), undefined, name);
});

test('upper case, hyphens and prefixes do not get around it', async () => {
  const spelled = fc.tuple(
    fc.array(fc.constantFrom('loose', 'skip', 'disable', 'enable', 'maximum'), { maxLength: 2 }),
    fc.constantFrom('server_id', 'log_bin', 'gtid_domain_id', 'read_only', 'auto_increment_increment'),
    fc.infiniteStream(fc.boolean()),
  );
  fc.assert(
    fc.property(spelled, ([prefixes, name, flips]) => {
      const text = [...[...prefixes, name].join('_')]
        .map((letter) =>
          flips.next().value === true ? (letter === '_' ? '-' : letter.toUpperCase()) : letter,
        )
        .join('');
      return reservedReason(text) !== undefined;
    }),
  );
});

test('every option that the pair is rendered with is reserved, and every mere default is not', async (t) => {
  const server = { ordinal: 1, port: 3306, key: '/k', certificate: '/c', authority: '/a' } as const;
  for (const name of MARIADB.pairOptions(server).keys()) t.type(reservedReason(name), 'string', name);
  for (const name of MARIADB.defaultOptions().keys()) t.equal(reservedReason(name), undefined, name);
});
