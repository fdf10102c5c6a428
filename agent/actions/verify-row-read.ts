/** verify-row-read: waits for a row of verify-row-ensure to arrive; a row that does not come is an answer, not an error. */

import type { VerifyRowFacts } from '../../shared/model/action-facts.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { SqlSession } from '../host/sql.ts';
import { readVerifyRow } from '../host/verify-row.ts';
import { defineAction } from './action.ts';

export const verifyRowRead = defineAction<'verify-row-read', VerifyRowFacts>({
  resources: () => [],
  check: (host, { token, timeoutMs }) =>
    host.sql.session((session) => awaitRow(session, token, timeoutMs, host.signal), {
      signal: host.signal,
    }),
  facts: (state) => state,
});

async function awaitRow(
  session: SqlSession,
  token: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<VerifyRowFacts> {
  const started = performance.now();
  return await waitFor(
    `the verify row ${token}`,
    async () => {
      const waitedMs = Math.round(performance.now() - started);
      const row = await readVerifyRow(session, token, waitedMs);
      return row.found || waitedMs >= timeoutMs ? row : undefined;
    },
    { deadlineMs: timeoutMs + 1000, intervalMs: 10, signal },
  );
}
