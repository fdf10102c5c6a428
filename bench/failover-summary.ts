/** From single failovers to the tables people read. Pure. */

import type { CutResult } from './cut.ts';
import type { FailoverResult } from './failover-run.ts';
import { type FailoverFault, faultTitles } from './faults.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { duration, type Table } from './table.ts';

export interface FailoverSummary {
  readonly fault: FailoverFault;
  readonly system: FailoverResult['system'];
  readonly outageMs: Spread;
  /** null: the host returns by itself in these runs. */
  readonly worstReturnGapMs: number | null;
  readonly acknowledged: number;
  readonly lost: number;
  readonly missingAtTakeover: number;
  readonly unexpected: number;
  readonly duplicate: number;
  readonly differing: number;
  readonly writerOverlaps: number;
  /** Worst of all runs. */
  readonly twoHoldersMs: number;
  readonly wholeMs: Spread;
  /** Runs after which somebody had to repair the pair by hand. */
  readonly repaired: number;
}

export function summarize(results: readonly FailoverResult[]): FailoverSummary[] {
  const groups = Map.groupBy(results, ({ fault, system }) => `${fault} ${system}`);
  return [...groups.values()].flatMap((runs) => {
    const [first] = runs;
    if (first === undefined) return [];
    const sum = (pick: (run: FailoverResult) => number): number =>
      runs.reduce((total, run) => total + pick(run), 0);
    return [
      {
        fault: first.fault,
        system: first.system,
        outageMs: spreadOf(runs.map(({ outageMs }) => outageMs)),
        worstReturnGapMs: worstOf(runs.map(({ returnGapMs }) => returnGapMs)),
        acknowledged: sum((run) => run.acknowledged),
        lost: sum((run) => run.lost),
        missingAtTakeover: sum((run) => run.missingAtTakeover ?? 0),
        unexpected: sum((run) => run.unexpected),
        duplicate: sum((run) => run.duplicate),
        differing: sum((run) => run.differing),
        writerOverlaps: sum((run) => run.writerOverlaps),
        twoHoldersMs: Math.max(...runs.map(({ twoHoldersMs }) => twoHoldersMs)),
        wholeMs: spreadOf(runs.map(({ wholeMs }) => wholeMs)),
        repaired: runs.filter(({ wholeMs }) => wholeMs === null).length,
      },
    ];
  });
}

function worstOf(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : Math.max(...told);
}

export function failoverTable(results: readonly FailoverResult[]): Table {
  const summaries = summarize(results);
  const withP95 = summaries.some(({ outageMs }) => outageMs.p95 !== undefined);
  return {
    head: [
      'fault',
      'pair',
      'runs',
      'outage, median',
      ...(withP95 ? ['p95'] : []),
      'worst',
      'stall at return, worst',
      'rows acknowledged',
      'lost',
      'missing at takeover',
      'two writers',
      'two hosts with the VIP',
      'whole again, median',
    ],
    rows: summaries.map((one) => [
      faultTitles[one.fault],
      systemTitles[one.system],
      String(one.outageMs.runs),
      duration(one.outageMs.median, notNoticed),
      ...(withP95 ? [one.outageMs.p95 === undefined ? '' : duration(one.outageMs.p95, notNoticed)] : []),
      duration(one.outageMs.worst, notNoticed),
      duration(one.worstReturnGapMs, '-'),
      String(one.acknowledged),
      String(one.lost),
      String(one.missingAtTakeover),
      String(one.writerOverlaps),
      one.twoHoldersMs === 0 ? 'never' : duration(one.twoHoldersMs, ''),
      wholeWords(one),
    ]),
  };
}

export const systemTitles = { hotpair: 'hotpair', baseline: 'how-to' } as const;
const notNoticed = 'no takeover';

function wholeWords({ wholeMs, repaired }: FailoverSummary): string {
  const words = duration(wholeMs.median, 'by hand');
  return repaired > 0 && wholeMs.median !== null ? `${words} (${repaired} by hand)` : words;
}

export function cutTable(results: readonly CutResult[]): Table {
  return {
    head: [
      'pair',
      'run',
      'two hosts with the VIP',
      'rows acknowledged during the cut, by server',
      'rows differing afterwards',
      'shared counters differing',
      'errors that replication shows',
    ],
    rows: results.map((one) => [
      systemTitles[one.system],
      String(one.run),
      one.twoHoldersMs === 0 ? 'never' : duration(one.twoHoldersMs, ''),
      Object.entries(one.acknowledgedDuringCut)
        .map(([server, count]) => `${server}: ${count}`)
        .join(', '),
      String(one.differing),
      `${one.countersDiffering} of ${one.counters}`,
      one.replicationErrors.length === 0 ? 'none' : one.replicationErrors.join('; '),
    ]),
  };
}
