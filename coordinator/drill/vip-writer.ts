/**
 * A client of the pair for the time of a drill: writes one row after the other through the VIP, connects again at once
 * when it fails, and keeps a record of every row that was acknowledged and by whom.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { VERIFY_USER } from '../render/accounts.ts';

export interface VipWriterOptions {
  readonly pair: PairSpec;
  readonly password: string;
  /** PEM of the authority that signed the servers' certificates. */
  readonly ca: string;
  /** Rows are named TOKEN-1, TOKEN-2, … in hotpair.verify. */
  readonly token: string;
}

export interface Acknowledged {
  readonly row: number;
  readonly serverId: number;
  /** When it was sent and acknowledged, ms on performance.now(). */
  readonly sentAt: number;
  readonly at: number;
}

export interface VipWriter extends AsyncDisposable {
  readonly acknowledged: readonly Acknowledged[];
  readonly failures: number;
  readonly lastError: string | null;
  /** Ends the writing; settles when the row under way is decided. */
  stop(): Promise<void>;
}

/** Pause between rows, and between tries. */
const PAUSE_MS = 20;
/** A connect or a row that takes longer is given up: the VIP may have moved while nobody answered. */
const CONNECT_MS = 500;
const ROW_MS = 2500;

interface Session {
  readonly connection: Connection;
  readonly serverId: number;
}

export function startVipWriter(options: VipWriterOptions): VipWriter {
  const acknowledged: Acknowledged[] = [];
  const state = { stopped: false, failures: 0, lastError: null as string | null };
  const loop = async (): Promise<void> => {
    let session: Session | undefined;
    for (let row = 1; !state.stopped; row += 1) {
      try {
        session ??= await connect(options);
        acknowledged.push(await writeRow(session, options.token, row));
      } catch (error) {
        state.failures += 1;
        state.lastError = error instanceof Error ? error.message : String(error);
        session?.connection.destroy();
        session = undefined;
      }
      await delay(PAUSE_MS);
    }
    if (session !== undefined) await hangUp(session.connection);
  };
  const done = loop();
  const stop = async (): Promise<void> => {
    state.stopped = true;
    await done;
  };
  return {
    acknowledged,
    get failures() {
      return state.failures;
    },
    get lastError() {
      return state.lastError;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function connect({ pair, password, ca }: VipWriterOptions): Promise<Session> {
  const connection = await within(
    CONNECT_MS,
    createConnection({
      ...{
        host: pair.vip,
        port: pair.database.port,
        user: VERIFY_USER,
        password,
        connectTimeout: CONNECT_MS,
      },
      // The certificate names the host, not the VIP: the chain is what proves that it is one of the pair.
      ssl: { ca, minVersion: 'TLSv1.2', verifyIdentity: false },
    }),
    (late) => late.destroy(),
  );
  connection.on('error', () => undefined); // Told by the next statement.
  try {
    const [rows] = await connection.query({
      ...{ sql: 'SELECT @@GLOBAL.server_id', rowsAsArray: true, timeout: CONNECT_MS },
    });
    const first = Array.isArray(rows) ? rows[0] : undefined;
    return { connection, serverId: Number(Array.isArray(first) ? first[0] : Number.NaN) };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function writeRow(session: Session, token: string, row: number): Promise<Acknowledged> {
  const sentAt = performance.now();
  const sql = 'INSERT INTO hotpair.verify (token, server_id, created) VALUES (?, ?, UTC_TIMESTAMP(6))';
  await session.connection.query({ sql, values: [`${token}-${row}`, session.serverId], timeout: ROW_MS });
  return { row, serverId: session.serverId, sentAt, at: performance.now() };
}

/** In order, so that the server does not log an aborted connection. */
async function hangUp(connection: Connection): Promise<void> {
  await within(CONNECT_MS, connection.end(), () => undefined).catch(() => connection.destroy());
}

/** What comes after its time is given to `late`. */
async function within<T>(ms: number, work: Promise<T>, late: (value: T) => void): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(() => timer.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, timer.promise]);
  } catch (error) {
    work.then(late, () => undefined);
    throw error;
  } finally {
    clearTimeout(handle);
  }
}

/** Deletes the rows of a drill through the VIP; answers false when that did not work, which harms nothing. */
export async function deleteRows(options: VipWriterOptions): Promise<boolean> {
  try {
    const { connection } = await connect(options);
    try {
      const sql = 'DELETE FROM hotpair.verify WHERE token LIKE ?';
      await connection.query({ sql, values: [`${options.token}-%`], timeout: ROW_MS });
      return true;
    } finally {
      await hangUp(connection);
    }
  } catch {
    return false;
  }
}
