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
      expect.back === 'operator' ? 'an operator decides' : 'by itself',
    ]),
  };
}

function outageOf({ outageMs, meanwhile }: Expectation): string {
  if (meanwhile === 'down') return 'nobody serves until it ends';
  return outageMs === null ? 'not judged' : `${outageMs} ms`;
}
