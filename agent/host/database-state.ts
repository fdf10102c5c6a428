/** The state of the local server in three statements. */

import type { DatabaseState } from '../../shared/model/facts.ts';
import { parseSlaveStatus } from '../parse/slave-status.ts';
import type { SqlSession } from './sql.ts';

const VARIABLES = `SELECT VERSION() AS version, @@GLOBAL.server_id AS server_id, @@GLOBAL.read_only AS read_only,
  @@GLOBAL.gtid_binlog_pos AS binlog_pos, @@GLOBAL.gtid_slave_pos AS slave_pos`;
// Binlog_commits counts every transaction that is written to the binary log, the replicated ones included.
const COUNTERS = `SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', 'Threads_connected', 'Binlog_commits')`;

export async function readDatabaseState(session: SqlSession): Promise<DatabaseState> {
  const [row] = await session.query(VARIABLES);
  const [slave] = await session.query('SHOW SLAVE STATUS');
  const counters = new Map(
    (await session.query(COUNTERS)).map((entry) => [entry['Variable_name'], Number(entry['Value'])]),
  );
  return {
    up: true,
    version: String(row?.['version'] ?? ''),
    serverId: Number(row?.['server_id'] ?? 0),
    readOnly: Number(row?.['read_only'] ?? 0) !== 0,
    uptimeSeconds: counters.get('Uptime') ?? null,
    gtidBinlogPos: String(row?.['binlog_pos'] ?? ''),
    gtidSlavePos: String(row?.['slave_pos'] ?? ''),
    channel: parseSlaveStatus(slave),
    connections: counters.get('Threads_connected') ?? null,
    commits: counters.get('Binlog_commits') ?? null,
    error: null,
  };
}

export function databaseDownState(error: string): DatabaseState {
  return {
    up: false,
    version: null,
    serverId: null,
    readOnly: null,
    uptimeSeconds: null,
    gtidBinlogPos: '',
    gtidSlavePos: '',
    channel: null,
    connections: null,
    commits: null,
    error,
  };
}
