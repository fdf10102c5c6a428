/**
 * Replication as this server sees it: reading SHOW SLAVE STATUS, starting and stopping the threads, and making the channel
 * anew where the server has lost it.
 *
 * Invariant: a channel is made anew only in the place of a start of both threads. That start throws the relay log away
 * too, and its callers know: they start over from gtid_slave_pos, which is in InnoDB and survives whatever files do not.
 */

import { CHANGE_MASTER, type ChannelSource, changeMasterValues } from '../../shared/flavor/change-master.ts';
import { type DatabaseLink, type SqlRow, serverErrno } from './database-link.ts';
import { type GtidPosition, parseGtidPosition, rejoinPosition, renderGtidPosition } from './gtid.ts';

/** refused: the source does not have this host's last transaction, or a received one does not follow it. */
export type ChannelState = 'absent' | 'stopped' | 'connecting' | 'streaming' | 'refused' | 'failed';

export interface ChannelView {
  readonly state: ChannelState;
  readonly ioRunning: boolean;
  readonly sqlRunning: boolean;
  /** The end of what has been received. */
  readonly received: GtidPosition;
  /** The server's own words about an error, or empty. */
  readonly error: string;
}

const ABSENT: ChannelView = {
  state: 'absent',
  ioRunning: false,
  sqlRunning: false,
  received: new Map(),
  error: '',
};

/** The source lacks this replica's position (1236); a received GTID does not follow the own log (1950). */
const REFUSED = new Set([1236, 1950]);

export function parseChannel(rows: readonly SqlRow[]): ChannelView {
  const [row] = rows;
  if (row === undefined) return ABSENT;
  const text = (name: string): string => String(row[name] ?? '');
  const ioRunning = text('Slave_IO_Running');
  const sqlRunning = text('Slave_SQL_Running') === 'Yes';
  const errno = Number(text('Last_SQL_Errno')) || Number(text('Last_IO_Errno'));
  const channel = {
    ioRunning: ioRunning === 'Yes',
    sqlRunning,
    received: parseGtidPosition(text('Gtid_IO_Pos')),
    error: text('Last_SQL_Error') || text('Last_IO_Error'),
  };
  return { ...channel, state: stateOf(ioRunning, sqlRunning, errno) };
}

function stateOf(ioRunning: string, sqlRunning: boolean, errno: number): ChannelState {
  const ioStopped = ioRunning === 'No';
  if (sqlRunning && !ioStopped) return ioRunning === 'Yes' ? 'streaming' : 'connecting';
  if (REFUSED.has(errno)) return 'refused';
  if (!sqlRunning && errno !== 0 && !isConnectError(errno)) return 'failed';
  return 'stopped';
}

/** Client errors (2000 and up) of the receiving thread: the source was not reachable. */
function isConnectError(errno: number): boolean {
  return errno >= 2000 && errno < 3000;
}

/** STOP SLAVE waits two seconds for a source that is gone, and longer for a large transaction. */
const STOP_MS = 30_000;
const STATEMENT_MS = 5000;

export async function stopChannel(link: DatabaseLink): Promise<void> {
  await link.query('STOP SLAVE', STOP_MS);
}

export interface StartChannel {
  /** own-end: by rule R3, for a server that was restarted or demoted; as-left: where replication was stopped. */
  readonly from: 'own-end' | 'as-left' | GtidPosition;
  readonly serverId: number;
  /** The end of the peer's binary log. */
  readonly peer: GtidPosition;
  readonly source: ChannelSource;
}

export interface StartedChannel {
  /** Where the threads started from. */
  readonly position: string;
  /** The server had lost the channel. */
  readonly madeAnew: boolean;
}

/** Starts both threads. Received and unapplied rows are thrown away. */
export async function startChannel(link: DatabaseLink, start: StartChannel): Promise<StartedChannel> {
  await stopChannel(link);
  const { from } = start;
  if (from === 'own-end') await moveToOwnEnd(link, start);
  else if (from !== 'as-left') await withoutStrictMode(link, () => link.query(moveTo(from), STATEMENT_MS));
  const [row] = await link.query('SELECT @@global.gtid_slave_pos AS position', STATEMENT_MS);
  const madeAnew = await startThreads(link, start.source);
  return { position: String(row?.['position'] ?? ''), madeAnew };
}

/**
 * What a power loss can leave of master.info, relay-log.info, the relay log and its index: no channel at all (1200), or
 * one whose files the server cannot read (1201). It says so at each start until the channel is configured again.
 */
const LOST_CHANNEL = new Set([1200, 1201]);

/** Whether the channel had to be made anew. */
async function startThreads(link: DatabaseLink, source: ChannelSource): Promise<boolean> {
  try {
    await link.query('START SLAVE', STATEMENT_MS);
    return false;
  } catch (error) {
    if (!LOST_CHANNEL.has(serverErrno(error) ?? 0)) throw error;
  }
  await link.query('RESET SLAVE ALL', STATEMENT_MS);
  await link.query(CHANGE_MASTER, STATEMENT_MS, changeMasterValues(source));
  await link.query('START SLAVE', STATEMENT_MS);
  return true;
}

async function moveToOwnEnd(link: DatabaseLink, { peer, serverId }: StartChannel): Promise<void> {
  const [row] = await link.query('SELECT @@global.gtid_binlog_pos AS position', STATEMENT_MS);
  const own = parseGtidPosition(String(row?.['position'] ?? ''));
  const position = rejoinPosition(own, peer, serverId);
  if (position === own) await link.query(moveTo(position), STATEMENT_MS);
  else await withoutStrictMode(link, () => link.query(moveTo(position), STATEMENT_MS));
}

const moveTo = (position: GtidPosition): string =>
  `SET GLOBAL gtid_slave_pos = '${renderGtidPosition(position)}'`;

/**
 * In strict mode the server refuses a position before the end of its own log (1947, 1948), even in the domain of its
 * own rows. Both threads are stopped while it is off.
 */
async function withoutStrictMode(link: DatabaseLink, change: () => Promise<unknown>): Promise<void> {
  await link.query('SET GLOBAL gtid_strict_mode = 0', STATEMENT_MS);
  try {
    await change();
  } finally {
    await link.query('SET GLOBAL gtid_strict_mode = 1', STATEMENT_MS);
  }
}
