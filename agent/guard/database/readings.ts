/** What the guard asks its server ten times a second, and what the answers mean. Pure. */

import type { SqlRow } from '../database-link.ts';
import { covers, PAIR_DOMAIN, parseGtidPosition } from '../gtid.ts';

/**
 * Answers at once whatever commits wait for: none of it takes the lock of the binary log, which SHOW MASTER STATUS
 * does, and which stays taken while two commits wait for the standby.
 */
export const READ_CORE = `SELECT @@global.read_only AS readOnly, @@global.gtid_binlog_pos AS binlogPos,
  @@global.gtid_binlog_state AS binlogState, @@global.sync_relay_log AS relaySync,
  @@global.rpl_semi_sync_master_enabled AS semiSync, @@global.rpl_semi_sync_master_timeout AS timeout,
  @@global.rpl_semi_sync_master_wait_no_slave AS waitNoSlave,
  @@global.rpl_semi_sync_master_wait_point AS waitPoint`;

export interface CoreReading {
  readonly writable: boolean;
  /** Commits wait for the standby, and for as long as it takes. */
  readonly waits: boolean;
  /** Semi-sync is on in whatever way. */
  readonly enabled: boolean;
  /** Each received event is synced. */
  readonly relaySynced: boolean;
  readonly binlogPos: string;
  /** Per server the last transaction in the binary log, not only the very last. */
  readonly binlogState: string;
}

/** In ms; the longest that there is. */
export const FOR_EVER = '18446744073709551615';

export function parseCore(row: SqlRow): CoreReading {
  const enabled = Number(row['semiSync']) === 1;
  const unbounded = String(row['timeout']) === FOR_EVER && Number(row['waitNoSlave']) === 1;
  return {
    writable: Number(row['readOnly']) === 0,
    waits: enabled && unbounded && row['waitPoint'] === 'AFTER_SYNC',
    enabled,
    relaySynced: Number(row['relaySync']) === 1,
    binlogPos: String(row['binlogPos'] ?? ''),
    binlogState: String(row['binlogState'] ?? ''),
  };
}

const COUNTERS = {
  status: 'RPL_SEMI_SYNC_MASTER_STATUS',
  clients: 'RPL_SEMI_SYNC_MASTER_CLIENTS',
  waiting: 'RPL_SEMI_SYNC_MASTER_WAIT_SESSIONS',
  confirmed: 'RPL_SEMI_SYNC_MASTER_YES_TX',
  switchedOff: 'RPL_SEMI_SYNC_MASTER_NO_TIMES',
  replica: 'RPL_SEMI_SYNC_SLAVE_STATUS',
} as const;

/** The session's view: the same numbers, without adding up those of all connections. */
export const READ_SEMI_SYNC = `SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value
  FROM information_schema.SESSION_STATUS
  WHERE VARIABLE_NAME IN (${Object.values(COUNTERS)
    .map((name) => `'${name}'`)
    .join(', ')})`;

export interface SemiSyncReading {
  /** On, and commits wait: it goes off by itself where the server cannot keep its own account of them. */
  readonly on: boolean;
  readonly clients: number;
  readonly waiting: number;
  readonly confirmed: number;
  /** Counts each time semi-sync was switched off, by whomever. */
  readonly switchedOff: number;
  /** The IO thread of this server is connected as a semi-sync replica. */
  readonly replica: boolean;
}

export function parseSemiSync(rows: readonly SqlRow[]): SemiSyncReading {
  const values = new Map(rows.map((row) => [String(row['name']).toUpperCase(), String(row['value'])]));
  const count = (name: string): number => Number(values.get(name) ?? 0);
  return {
    on: values.get(COUNTERS.status) === 'ON',
    clients: count(COUNTERS.clients),
    waiting: count(COUNTERS.waiting),
    confirmed: count(COUNTERS.confirmed),
    switchedOff: count(COUNTERS.switchedOff),
    replica: values.get(COUNTERS.replica) === 'ON',
  };
}

export const READ_CHANNEL = 'SHOW SLAVE STATUS';
/** After the channel: what is applied by now is compared with what was received before. */
export const READ_APPLIED = `SELECT @@global.gtid_slave_pos AS slavePos,
  (SELECT MAX(ID) FROM information_schema.PROCESSLIST WHERE COMMAND = 'Slave_SQL') AS sqlThread`;

export interface ChannelReading {
  /** The IO thread exists; it may be on its way to a source that does not answer. */
  readonly ioRunning: boolean;
  readonly ioConnected: boolean;
  readonly sqlRunning: boolean;
  readonly sqlError: boolean;
  /** What the server says of it, without the statement: that may hold what nobody else is to read. */
  readonly sqlErrorText: string;
  /** The server's id of the SQL thread, 0 while there is none. */
  readonly sqlThread: number;
  readonly received: string;
  readonly slavePos: string;
  readonly drained: boolean;
}

export function parseChannel(channel: SqlRow | undefined, applied: SqlRow | undefined): ChannelReading {
  const io = String(channel?.['Slave_IO_Running'] ?? 'No');
  const sqlRunning = channel?.['Slave_SQL_Running'] === 'Yes';
  const received = String(channel?.['Gtid_IO_Pos'] ?? '');
  const slavePos = String(applied?.['slavePos'] ?? '');
  return {
    ioRunning: io !== 'No',
    ioConnected: io === 'Yes',
    sqlRunning,
    sqlError: !sqlRunning && Number(channel?.['Last_SQL_Errno'] ?? 0) !== 0,
    sqlErrorText: withoutStatement(String(channel?.['Last_SQL_Error'] ?? '')),
    sqlThread: Number(applied?.['sqlThread'] ?? 0),
    received,
    slavePos,
    drained: covers(parseGtidPosition(slavePos), parseGtidPosition(received)),
  };
}

/** `Error '…' on query. Default database: '…'. Query: '…'` is what the applier says of a statement that failed. */
function withoutStatement(text: string): string {
  return text.replace(/ on query\. .*$|[.,]? Query: .*$/s, '');
}

/** The highest sequence number of the pair's domain in a position; 0 when there is none. */
export function sequenceOf(...positions: readonly string[]): number {
  const numbers = positions.map((text) => parseGtidPosition(text).get(PAIR_DOMAIN)?.sequence ?? 0n);
  return Number(numbers.reduce((most, one) => (one > most ? one : most), 0n));
}
