/** Failovers and faults as sections of a report. Pure. */

import { faultTable, phaseTable, reasonsOf } from '../test/faults/fault-tables.ts';
import type { FaultsDocument } from '../test/faults/report.ts';
import type { FailoverDocument } from './failover.ts';
import { cutTable, failoverTable } from './failover-summary.ts';
import type { Section } from './section.ts';

export function failoverSections({ results, cuts, failed }: FailoverDocument): Section[] {
  const sections: Section[] = [];
  if (results.length > 0)
    sections.push({
      title: 'Failover: the fault strikes the host with the VIP while four connections write',
      table: failoverTable(results),
      notes: failed.map(
        ({ fault, system, run, reason }) => `Not measured: ${fault}, ${system}, run ${run}: ${reason}`,
      ),
    });
  if (cuts.length > 0)
    sections.push({
      title: 'The two database hosts cut from each other for 10 s, every client reaches both',
      table: cutTable(cuts),
      notes: [],
    });
  return sections;
}

export function faultSections({ lines }: FaultsDocument): Section[] {
  const phases = phaseTable(lines);
  const faults: Section = {
    title: 'Faults: each of the table in faults.md, while eight connections write',
    table: faultTable(lines),
    notes: reasonsOf(lines),
  };
  if (phases.rows.length === 0) return [faults];
  const title = 'Where the time of an outage goes: medians in ms, by the decisions of the guards';
  return [faults, { title, table: phases, notes: [] }];
}
