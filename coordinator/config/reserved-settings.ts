/** Server settings that the pair depends on: the user's own `settings` may not touch them, each for a stated reason. */

interface Reserved {
  /** Canonical names (lower case, underscores); `*` at the end stands for any rest. */
  readonly names: readonly string[];
  readonly reason: string;
}

export const RESERVED_SETTINGS: readonly Reserved[] = [
  {
    names: ['server_id', 'report_host', 'report_port'],
    reason: 'hotpair gives each host its own identity',
  },
  {
    names: [
      'log_bin',
      'log_bin_*',
      'log_basename',
      'log_slave_updates',
      'log_replica_updates',
      'binlog_format',
      'binlog_row_image',
      'binlog_checksum',
    ],
    reason: 'replication both ways needs a complete row-based binary log on both hosts',
  },
  {
    names: [
      'binlog_do_db',
      'binlog_ignore_db',
      'replicate_*',
      'slave_skip_errors',
      'slave_exec_mode',
      'sql_slave_skip_counter',
    ],
    reason: 'it would let the two hosts differ without anybody noticing',
  },
  {
    names: [
      'gtid_*',
      'init_rpl_role',
      'skip_slave_start',
      'init_slave',
      'slave_parallel_*',
      'slave_domain_parallel_threads',
      'slave_net_timeout',
      'relay_log',
      'relay_log_*',
      'slave_connections_needed_for_purge',
    ],
    reason: 'hotpair sets up and supervises replication by GTID',
  },
  {
    names: [
      'sync_binlog',
      'sync_relay_log',
      'sync_relay_log_info',
      'sync_master_info',
      'innodb_flush_log_at_trx_commit',
      'innodb_doublewrite',
      'innodb_force_recovery',
      'innodb_read_only',
      'flush',
      'debug_no_sync',
    ],
    reason: 'an acknowledged commit must survive a crash',
  },
  {
    names: ['read_only', 'super_read_only', 'event_scheduler', 'init_file', 'init_connect'],
    reason: 'the guard decides which host is writable',
  },
  { names: ['rpl_semi_sync_*'], reason: 'the guard switches semi-synchronous replication with the role' },
  {
    names: ['auto_increment_increment', 'auto_increment_offset'],
    reason: 'the two hosts get alternating numbers so that they never make the same one',
  },
  {
    names: [
      'port',
      'extra_port',
      'bind_address',
      'socket',
      'skip_networking',
      'networking',
      'name_resolve',
      'skip_name_resolve',
      'protocol',
    ],
    reason:
      'replication, the guard and the clients of the VIP must reach the server; the port has its own key, database.port',
  },
  {
    names: [
      'datadir',
      'basedir',
      'pid_file',
      'user',
      'chroot',
      'innodb_data_home_dir',
      'innodb_data_file_path',
      'innodb_log_group_home_dir',
    ],
    reason: 'the server stays where its package and its unit put it',
  },
  {
    names: ['ssl', 'ssl_*', 'tls_version'],
    reason: 'hotpair issues and renews the certificates of the server',
  },
  {
    names: [
      'plugin_load',
      'plugin_load_add',
      'plugin_dir',
      'skip_grant_tables',
      'grant_tables',
      'wsrep_*',
      'bootstrap',
      'unix_socket',
    ],
    reason: 'it changes how the server starts, logs people in or replicates',
  },
];

/** Prefixes that the server accepts before the name of an option. */
const PREFIX = /^(loose|skip|disable|enable|maximum|autoset)_/;

/** `Log-Bin` and `log_bin` are one setting: lower case, underscores. */
export function canonicalSetting(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/**
 * Why a setting is refused, or undefined when it is the user's own. The server takes prefixes (`skip-`, `loose-`) and
 * unambiguous beginnings of a name for the name, so they are refused with it.
 */
export function reservedReason(name: string): string | undefined {
  let rest = canonicalSetting(name);
  for (;;) {
    const found = RESERVED_SETTINGS.find(({ names }) => names.some((reserved) => covers(reserved, rest)));
    if (found !== undefined) return found.reason;
    const shorter = rest.replace(PREFIX, '');
    if (shorter === rest) return abbreviation(rest);
    rest = shorter;
  }
}

function covers(reserved: string, name: string): boolean {
  return reserved.endsWith('*') ? name.startsWith(reserved.slice(0, -1)) : name === reserved;
}

function abbreviation(name: string): string | undefined {
  for (const { names, reason } of RESERVED_SETTINGS) {
    const long = names.find((reserved) => reserved.replace('*', '').startsWith(name));
    if (long !== undefined) return `the server would take it for ${long}, and ${reason}`;
  }
  return undefined;
}
