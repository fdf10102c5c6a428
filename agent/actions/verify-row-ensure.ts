/**
 * verify-row-ensure: one row of this host in hotpair.verify. It is written in a GTID domain of the host's own
 * (100 + server_id): on a standby a write in the primary's domain would collide with the primary's stream under
 * gtid_strict_mode. Rows of this host that are older than a day go at the same time.
 */

import type { VerifyRowFacts } from '../../shared/model/action-facts.ts';
import type { SqlSession } from '../host/sql.ts';
import { readVerifyRow } from '../host/verify-row.ts';
import { defineAction } from './action.ts';

export const verifyRowEnsure = defineAction<'verify-row-ensure', VerifyRowFacts>({
  resources: () => ['sql'],
  check: (host, { token }) =>
    host.sql.session((session) => readVerifyRow(session, token), { signal: host.signal }),
  plan: (state) => (state.found ? [] : [{ subject: `verify row ${state.token}`, summary: 'insert' }]),
  apply: (host, _state, { token }) =>
    host.sql.session((session) => writeRow(session, token), { signal: host.signal }),
  facts: (state) => state,
});

async function writeRow(session: SqlSession, token: string): Promise<void> {
  await session.query('SET SESSION gtid_domain_id = 100 + @@GLOBAL.server_id');
  await session.query(
    'DELETE FROM hotpair.verify WHERE server_id = @@GLOBAL.server_id AND created < UTC_TIMESTAMP(6) - INTERVAL 1 DAY',
  );
  await session.query(
    'INSERT IGNORE INTO hotpair.verify (token, server_id, created) VALUES (?, @@GLOBAL.server_id, UTC_TIMESTAMP(6))',
    [token],
  );
}
