/** SHOW SLAVE STATUS of MariaDB as a ReplicationChannel. Pure. */

import type { ReplicationChannel } from '../../shared/model/facts.ts';
import type { Row } from '../host/sql.ts';

/** undefined (no row) means that no channel is configured. */
export function parseSlaveStatus(row: Row | undefined): ReplicationChannel | null {
  if (row === undefined) return null;
  const text = (name: string): string => String(row[name] ?? '');
  const number = (name: string): number => Number(row[name] ?? 0);
  const behind = row['Seconds_Behind_Master'];
  return {
    sourceHost: text('Master_Host'),
    sourcePort: number('Master_Port'),
    ioRunning: ioState(text('Slave_IO_Running')),
    sqlRunning: text('Slave_SQL_Running') === 'Yes',
    secondsBehind: behind === null || behind === undefined ? null : Number(behind),
    ioErrno: number('Last_IO_Errno'),
    ioError: text('Last_IO_Error'),
    sqlErrno: number('Last_SQL_Errno'),
    sqlError: text('Last_SQL_Error'),
    usingGtid: text('Using_Gtid'),
    gtidIoPos: text('Gtid_IO_Pos'),
    ssl: text('Master_SSL_Allowed') === 'Yes',
  };
}

function ioState(text: string): ReplicationChannel['ioRunning'] {
  return text === 'Yes' || text === 'Connecting' || text === 'Preparing' ? text : 'No';
}
