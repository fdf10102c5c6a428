/**
 * The two changes of role, as sequences of statements on the local server.
 *
 * Invariants:
 * - promotion opens only after everything received has been applied; replication is not stopped on the way (that waits
 *   two seconds for a source that is gone, and starting it again would throw received rows away);
 * - demotion kills no client before read_only is on: killing one that waits for a semi-sync acknowledgement makes its
 *   transaction visible. Commits that wait do so for at most the finite semi-sync timeout, so read_only gets its turn;
 * - a demotion that does not succeed ends with the death of the server.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import { type DatabaseLink, serverErrno } from './database-link.ts';
import { covers, type GtidPosition, parseGtidPosition } from './gtid.ts';
import { readChannel } from './replication.ts';

export interface Promotion {
  /** Whether the address is still here. */
  readonly wanted: () => boolean;
  /** What a read-only peer has in its log, all of which is to be here; undefined: no such peer answers. */
  readonly peerPos: () => GtidPosition | undefined;
}

const STATEMENT_MS = 2000;
const DRAIN_MS = 30_000;
const DRAIN_POLL_MS = 3;

/** Returns the length of each phase in ms. Throws when the address leaves, or what was received cannot be applied. */
export async function promote(link: DatabaseLink, promotion: Promotion): Promise<Record<string, number>> {
  const start = performance.now();
  await drain(link, promotion, start);
  const drained = performance.now();
  if (!promotion.wanted()) throw new AppError('CANCELLED', 'The address has left before this host was open.');
  await link.query('SET GLOBAL read_only = 0, GLOBAL event_scheduler = ON', STATEMENT_MS);
  return { drain: round(drained - start), open: round(performance.now() - drained) };
}

async function drain(link: DatabaseLink, { wanted, peerPos }: Promotion, start: number): Promise<void> {
  for (;;) {
    const channel = await readChannel(link, STATEMENT_MS);
    const [row] = await link.query('SELECT @@global.gtid_current_pos AS position', STATEMENT_MS);
    const applied = parseGtidPosition(String(row?.['position'] ?? ''));
    if (!channel.sqlRunning && (channel.state === 'failed' || channel.state === 'refused'))
      throw new AppError('SQL_FAILED', `What was received cannot be applied: ${channel.error}`);
    const waitedMs = performance.now() - start;
    const toFetch = peerPos();
    const drained = !channel.sqlRunning || covers(applied, channel.received);
    if (drained && (toFetch === undefined || covers(applied, toFetch))) return;
    if (!wanted()) throw new AppError('CANCELLED', 'The address has left before everything was applied.');
    if (waitedMs > DRAIN_MS)
      throw new AppError('DEADLINE_EXCEEDED', `What was received was not applied within ${DRAIN_MS} ms.`);
    await sleep(DRAIN_POLL_MS);
  }
}

export interface Demotion {
  readonly replicationUser: string;
  readonly killServer: () => Promise<void>;
}

/** Each try is bounded by the server itself; killing the clients comes between, for one that holds a lock. */
const READ_ONLY = 'SET STATEMENT max_statement_time = 0.3 FOR SET GLOBAL read_only = 1';
const READ_ONLY_TRIES = 4;
const KILL_FROM_TRY = 2;
const READ_ONLY_MS = 3000;

export async function demote(link: DatabaseLink, demotion: Demotion): Promise<void> {
  try {
    await closeForWrites(link, demotion);
  } catch (error) {
    await demotion.killServer();
    throw error;
  }
  await link.query('SET GLOBAL rpl_semi_sync_master_enabled = 0, GLOBAL event_scheduler = OFF', STATEMENT_MS);
  await killClients(link, demotion.replicationUser);
}

async function closeForWrites(link: DatabaseLink, { replicationUser }: Demotion): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await link.query(READ_ONLY, READ_ONLY_MS);
      return;
    } catch (error) {
      // The server's own limit is the only failure that another try can cure.
      if (serverErrno(error) === undefined || tried === READ_ONLY_TRIES) throw error;
      if (tried >= KILL_FROM_TRY) await killClients(link, replicationUser);
    }
  }
}

/** Clients that came by network or are not root: they reconnect, through the address, to where it is now. */
async function killClients(link: DatabaseLink, replicationUser: string): Promise<void> {
  const rows = await link.query(
    'SELECT ID AS id, USER AS user, HOST AS host, COMMAND AS command FROM information_schema.PROCESSLIST',
    STATEMENT_MS,
  );
  for (const row of rows) {
    if (!isClient(String(row['user']), String(row['host']), String(row['command']), replicationUser))
      continue;
    // A client that has gone by itself meanwhile is no error.
    await link.query(`KILL CONNECTION ${Number(row['id'])}`, STATEMENT_MS).catch(() => undefined);
  }
}

const SERVER_COMMANDS = /^(Binlog Dump|Daemon|Slave_)/;

export function isClient(user: string, host: string, command: string, replicationUser: string): boolean {
  if (SERVER_COMMANDS.test(command)) return false;
  if (user === 'system user' || user === 'event_scheduler' || user === replicationUser) return false;
  return !(user === 'root' && host === 'localhost');
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
