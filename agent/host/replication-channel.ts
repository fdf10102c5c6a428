/**
 * Reads and changes the replication channel of the local server.
 *
 * Invariants: threads that run are not restarted (starting both purges relay log that is not applied yet); a channel is
 * changed only after what it had received is applied; the password is never read back, only its digest is kept.
 */

import { createHash, randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { Type } from 'typebox';
import { AppError } from '../../shared/errors/app-error.ts';
import { CHANGE_MASTER, changeMasterValues } from '../../shared/flavor/change-master.ts';
import type { ReplicationChannel } from '../../shared/model/facts.ts';
import type { ActionParams } from '../../shared/protocol/actions.ts';
import { decode } from '../../shared/protocol/decode.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { parseSlaveStatus } from '../parse/slave-status.ts';
import { readTextOrNull, replaceFile } from './files.ts';
import type { Row, SqlSession } from './sql.ts';

export type Source = ActionParams<'replication-ensure'>['source'];

export interface ChannelState {
  readonly channel: ReplicationChannel | null;
  readonly row: Row | null;
  readonly gtidBinlogPos: string;
  readonly gtidSlavePos: string;
}

export async function readChannel(session: SqlSession): Promise<ChannelState> {
  const [row] = await session.query('SHOW SLAVE STATUS');
  const [positions] = await session.query(
    'SELECT @@GLOBAL.gtid_binlog_pos AS binlog_pos, @@GLOBAL.gtid_slave_pos AS slave_pos',
  );
  return {
    row: row ?? null,
    channel: parseSlaveStatus(row),
    gtidBinlogPos: String(positions?.['binlog_pos'] ?? ''),
    gtidSlavePos: String(positions?.['slave_pos'] ?? ''),
  };
}

/** The server keeps the position in the relay log with the channel: everything received is applied, or not yet. */
export function isDrained(state: ChannelState): boolean {
  const received = state.channel?.gtidIoPos ?? '';
  return received === '' || coversGtid(state.gtidSlavePos, received);
}

/** Every domain of `part` is in `whole` with at least the same sequence number. */
export function coversGtid(whole: string, part: string): boolean {
  const have = gtidMap(whole);
  return [...gtidMap(part)].every(([domain, sequence]) => (have.get(domain) ?? -1n) >= sequence);
}

function gtidMap(text: string): ReadonlyMap<string, bigint> {
  return new Map(
    text.split(',').flatMap((gtid): [string, bigint][] => {
      const match = /^(\d+)-\d+-(\d+)$/.exec(gtid.trim());
      return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], BigInt(match[2])]];
    }),
  );
}

export async function changeMaster(session: SqlSession, source: Source): Promise<void> {
  await session.query(CHANGE_MASTER, changeMasterValues(source));
}

/** Stops receiving, waits until what was received is applied, then stops applying. Throws REFUSED when it is not. */
export async function drainAndStop(
  session: SqlSession,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<void> {
  await session.query('STOP SLAVE IO_THREAD');
  const state = await readChannel(session);
  if (!isDrained(state) && state.channel?.sqlRunning !== true)
    throw new AppError(
      'REFUSED',
      `Transactions that were received (${state.channel?.gtidIoPos}) are not applied (${state.gtidSlavePos}) and the applier is stopped: ${state.channel?.sqlError || 'start it first'}. Changing the channel would lose them.`,
    );
  await waitFor(
    'the applier to finish what was received',
    async () => (isDrained(await readChannel(session)) ? true : undefined),
    { deadlineMs, intervalMs: 20, signal },
  );
  await session.query('STOP SLAVE');
}

/** Whether something accepts connections there, within a second. */
export function canConnect(host: string, port: number, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: timeoutMs });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });
}

const MemorySchema = Type.Object({ salt: Type.String(), digest: Type.String() });
const PRIVATE = { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** Remembers which password the channel was configured with, as a salted digest in the state folder. */
export class ChannelMemory {
  readonly #path: string;

  constructor(stateFolder: string) {
    this.#path = join(stateFolder, 'replication.json');
  }

  async knows(source: Source): Promise<boolean> {
    const text = await readTextOrNull(this.#path);
    if (text === null) return false;
    try {
      const { salt, digest } = decode(MemorySchema, JSON.parse(text), this.#path);
      return digest === digestOf(source, salt);
    } catch {
      return false; // Cut off by a crash: the channel is configured anew.
    }
  }

  async remember(source: Source): Promise<void> {
    const salt = randomBytes(16).toString('hex');
    const text = JSON.stringify({ salt, digest: digestOf(source, salt) });
    await replaceFile(this.#path, Buffer.from(text), PRIVATE);
  }
}

function digestOf(source: Source, salt: string): string {
  return createHash('sha256').update(`${salt}\0${source.user}\0${source.password}`).digest('hex');
}
