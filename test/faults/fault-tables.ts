/** Faults that were tried, as tables for a terminal and for a document. Pure. */

import { duration, type Table } from '../../bench/table.ts';
import { type PhaseName, phaseNames } from './phases.ts';
import type { FaultLine } from './report.ts';

export function faultTable(lines: readonly FaultLine[]): Table {
  const outage = (ms: number | null): string => duration(ms, '-');
  const withP95 = lines.some(({ outageP95Ms }) => outageP95Ms !== null);
  return {
    head: [
      ...['#', 'fault', 'runs', 'failovers', 'outage', ...(withP95 ? ['p95'] : []), 'max'],
      ...['acked', 'lost', 'dual', 'back', 'as promised'],
    ],
    rows: lines.map((line) => [
      ...[line.id, line.fault, String(line.runs), String(line.failovers), outage(line.outageMedianMs)],
      ...(withP95 ? [outage(line.outageP95Ms)] : []),
      ...[outage(line.outageMaxMs), String(line.acknowledged), String(line.lost), String(line.dualAcks)],
      line.backMaxSeconds === null ? '-' : `${line.backMaxSeconds.toFixed(1)} s`,
      line.expectationMet === null ? 'not tried' : line.expectationMet ? 'yes' : 'NO',
    ]),
  };
}

const titles: Readonly<Record<PhaseName, string>> = {
  ...{ detect: 'detect', vote: 'vote', cut: 'cut', drain: 'drain', record: 'record', open: 'open' },
  ...{ vip: 'VIP', write: 'first write' },
};

/** Medians of the phases, in ms, of the faults in which the guards' decisions tell them. */
export function phaseTable(lines: readonly FaultLine[]): Table {
  const told = lines.filter(({ phasesMs }) => Object.keys(phasesMs).length > 0);
  return {
    head: ['#', 'fault', ...phaseNames.map((name) => titles[name])],
    rows: told.map(({ id, fault, phasesMs }) => [
      ...[id, fault],
      ...phaseNames.map((name) => String(phasesMs[name] ?? '-')),
    ]),
  };
}

/** What was not as promised, in words. */
export function reasonsOf(lines: readonly FaultLine[]): string[] {
  return lines.flatMap(({ id, reasons }) => reasons.map((reason) => `${id}: ${reason}`));
}
