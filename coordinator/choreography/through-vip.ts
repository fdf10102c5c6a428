/**
 * A client's view of the pair: connects to the VIP from here, over TLS with hotpair's own authority, as the verify
 * account. Answers who serves there and, when asked to, that a written row is read back.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { VERIFY_USER } from '../render/accounts.ts';

export interface VipOptions {
  readonly pair: PairSpec;
  readonly password: string;
  /** PEM of the authority that signed the servers' certificates. */
  readonly ca: string;
  readonly write: boolean;
  readonly timeoutMs?: number;
}

export type VipAnswer =
  | { readonly answers: true; readonly serverId: number; readonly writable: boolean; readonly wrote: boolean }
  | { readonly answers: false; readonly error: string };

const TIMEOUT_MS = 5000;
/** Longer than a failover, or a moment without the lease, keeps clients waiting. */
const PATIENCE_MS = 5000;
const AGAIN_MS = 100;

/** Tries again for a while, as a client of a pair does. Never throws: a VIP that does not answer is an answer. */
export async function askThroughVip(options: VipOptions, patienceMs = PATIENCE_MS): Promise<VipAnswer> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask(options);
    } catch (error) {
      if (performance.now() >= end) return { answers: false, error: toAppError(error).message };
      await delay(AGAIN_MS);
    }
  }
}

async function ask({ pair, password, ca, write, timeoutMs = TIMEOUT_MS }: VipOptions): Promise<VipAnswer> {
  const connection = await createConnection({
    host: pair.vip,
    port: pair.database.port,
    user: VERIFY_USER,
    password,
    connectTimeout: timeoutMs,
    // The certificate names the host, not the VIP: the chain is what proves that it is one of the pair.
    ssl: { ca, minVersion: 'TLSv1.2', verifyIdentity: false },
  });
  try {
    const query = async (sql: string, values: unknown[] = []): Promise<unknown> =>
      (await connection.query({ sql, values, timeout: timeoutMs, rowsAsArray: true }))[0];
    const [[serverId, readOnly] = []] = rows(await query('SELECT @@GLOBAL.server_id, @@GLOBAL.read_only'));
    const writable = Number(readOnly) === 0;
    const wrote = write && writable ? await writeRow(query) : false;
    return { answers: true, serverId: Number(serverId), writable, wrote };
  } finally {
    connection.destroy();
  }
}

/** In the primary's own stream, as any client's row. */
async function writeRow(query: (sql: string, values?: unknown[]) => Promise<unknown>): Promise<boolean> {
  const token = `vip-${randomUUID()}`;
  await query(
    'INSERT INTO hotpair.verify (token, server_id, created) VALUES (?, @@GLOBAL.server_id, UTC_TIMESTAMP(6))',
    [token],
  );
  const found = rows(await query('SELECT token FROM hotpair.verify WHERE token = ?', [token]));
  return found[0]?.[0] === token;
}

function rows(answer: unknown): readonly (readonly unknown[])[] {
  return Array.isArray(answer) ? answer.filter((row) => Array.isArray(row)) : [];
}
