/** What a test under load asks of its rows: that more of them get acknowledged, and that at the end all of them are there. */

import type { Test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { LabHost } from '../lab/lab.ts';
import { checkLoad, type FaultMoment, type LoadVerdict } from '../lab/load/check.ts';
import type { HistoryEvent } from '../lab/load/history.ts';
import type { Load } from '../lab/load/load.ts';
import { type LoadTable, readRowsOf } from '../lab/load/tables.ts';
import { untilSamePosition } from './same-position.ts';

/** Waits until so many more rows are acknowledged. */
export async function untilAcknowledged(load: Load, more = 100): Promise<void> {
  const least = (await load.counters()).acknowledged + more;
  await waitFor(
    'acknowledged rows',
    async () => ((await load.counters()).acknowledged > least ? true : undefined),
    { deadlineMs: 30_000, intervalMs: 20 },
  );
}

export interface WrittenRows {
  readonly hosts: readonly LabHost[];
  readonly table: LoadTable;
  readonly history: readonly HistoryEvent[];
  readonly faults?: readonly FaultMoment[];
}

/** Once both hosts have the same: every acknowledged row is on both, and nothing that nobody wrote. */
export async function assertRows(
  t: Test,
  { hosts, table, history, faults = [] }: WrittenRows,
): Promise<LoadVerdict> {
  await untilSamePosition(hosts);
  const verdict = checkLoad({ history, rows: await readRowsOf(hosts, table), faults });
  t.same(verdict.lost, [], 'every acknowledged row is on both hosts');
  t.same([verdict.unexpected, verdict.duplicate, verdict.differing], [[], [], []], 'and nothing else is');
  return verdict;
}
