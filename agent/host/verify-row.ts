/** One row of hotpair.verify. */

import type { VerifyRowFacts } from '../../shared/model/action-facts.ts';
import type { SqlSession } from './sql.ts';

export async function readVerifyRow(
  session: SqlSession,
  token: string,
  waitedMs = 0,
): Promise<VerifyRowFacts> {
  const [row] = await session.query('SELECT server_id AS id FROM hotpair.verify WHERE token = ?', [token]);
  return {
    token,
    found: row !== undefined,
    serverId: row === undefined ? null : Number(row['id']),
    waitedMs,
  };
}
