/** MariaDB 10.11 and later on Debian: names, and the options of a pair. The reason of each is in its comment. */

import type { Flavor, ServerIdentity } from './flavor.ts';

function pairOptions(server: ServerIdentity): ReadonlyMap<string, string> {
  return new Map([
    // Who it is, and where it listens.
    ['server_id', String(server.ordinal)],
    ['port', String(server.port)],
    ['bind_address', '0.0.0.0'],
    ['skip_name_resolve', '1'],
    // GTID: one domain for both, so that every divergence is an error and never a silent merge.
    ['gtid_domain_id', '0'],
    ['gtid_strict_mode', '1'],
    ['log_bin', 'mariadb-bin'],
    ['log_slave_updates', '1'],
    ['relay_log', 'mariadb-relay-bin'],
    ['binlog_format', 'ROW'],
    // What is committed is on the disk.
    ['sync_binlog', '1'],
    ['innodb_flush_log_at_trx_commit', '1'],
    ['sync_relay_log', '1'],
    // Where replication is: with GTID these files are written when a thread starts or stops, not with each transaction.
    ['sync_master_info', '1'],
    ['sync_relay_log_info', '1'],
    // A server that starts serves nobody and replicates nothing until the guard says so.
    ['read_only', '1'],
    ['skip_slave_start', '1'],
    ['event_scheduler', 'OFF'],
    // A commit is acknowledged when the other host has it; the guard enables the master side on the primary only.
    ['rpl_semi_sync_master_enabled', '0'],
    ['rpl_semi_sync_slave_enabled', '1'],
    ['rpl_semi_sync_master_wait_point', 'AFTER_SYNC'],
    ['rpl_semi_sync_master_timeout', '18446744073709551615'],
    ['rpl_semi_sync_master_wait_no_slave', '1'],
    ['rpl_semi_sync_slave_kill_conn_timeout', '1'],
    // A single-threaded applier lags by seconds at 1800 transactions/s, and a failover has to wait for it.
    ['slave_parallel_threads', '8'],
    ['slave_parallel_mode', 'optimistic'],
    ['slave_net_timeout', '2'],
    // Damage limitation only, should both ever be written.
    ['auto_increment_increment', '2'],
    ['auto_increment_offset', String(server.ordinal)],
    // Replication, verify and any client that wants it, over TLS.
    ['ssl_key', server.key],
    ['ssl_cert', server.certificate],
    ['ssl_ca', server.authority],
  ]);
}

function defaultOptions(): ReadonlyMap<string, string> {
  return new Map([['expire_logs_days', '10']]);
}

export const MARIADB: Flavor = {
  name: 'mariadb',
  packages: ['mariadb-server', 'mariadb-backup', 'keepalived', 'nftables'],
  serverPackage: 'mariadb-server',
  unit: 'mariadb.service',
  socket: '/run/mysqld/mysqld.sock',
  owner: 'mysql',
  dataFolder: '/var/lib/mysql',
  optionGroup: 'mariadbd',
  pairOptions,
  defaultOptions,
};
