/** What is promised for each fault, as a table. Pure. */

import type { Table } from '../../bench/table.ts';
import type { Expectation, Fault } from './fault.ts';

export function promises(faults: readonly Fault[]): Table {
  return {
    head: ['#', 'fault', 'failover', 'outage at most', 'whole again'],
    rows: faults.map(({ id, name, expect }) => [
      id,
      name,
      expect.failover === 'any' ? 'either' : expect.failover,
      outageOf(expect),
      backOf(expect),
    ]),
  };
}

function outageOf({ outageMs, meanwhile }: Expectation): string {
  if (meanwhile === 'down') return 'nobody serves until it ends';
  return outageMs === null ? 'not judged' : `${outageMs} ms`;
}

function backOf({ back, backMs }: Expectation): string {
  if (back === 'operator') return 'an operator decides';
  return backMs === undefined ? 'by itself' : `by itself within ${backMs / 1000} s`;
}
