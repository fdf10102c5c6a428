/** Waits until both servers of a pair have written the same transactions. */

import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { LabHost } from '../lab/lab.ts';
import { sql } from '../lab/load/tables.ts';

export async function untilSamePosition(hosts: readonly LabHost[], deadlineMs = 20_000): Promise<void> {
  await waitFor(
    'both servers to have the same rows',
    async () => {
      const [one, other] = await Promise.all(hosts.map((host) => sql(host, 'SELECT @@gtid_binlog_pos;')));
      return String(one) === String(other) ? true : undefined;
    },
    { deadlineMs },
  );
}
