/** Runs summed up fault by fault, as a table for people and as JSON. Pure. */

import { middleOf, spreadOf } from '../../bench/statistics.ts';
import { renderPlain } from '../../bench/table.ts';
import type { Fault } from './fault.ts';
import { faultTable, phaseTable, reasonsOf } from './fault-tables.ts';
import { type Phases, phaseNames } from './phases.ts';
import type { FaultRun } from './run-fault.ts';

/** A run that ended without a judgement. */
export interface BrokenRun {
  readonly fault: Fault;
  readonly run: number;
  readonly seed: number;
  readonly reason: string;
}

export interface Skipped {
  readonly fault: Fault;
  readonly reason: string;
}

export interface FaultLine {
  readonly id: string;
  readonly fault: string;
  readonly runs: number;
  readonly failovers: number;
  /** null: no run was measured. */
  readonly outageMedianMs: number | null;
  /** null: fewer than 20 runs. */
  readonly outageP95Ms: number | null;
  readonly outageMaxMs: number | null;
  /** Median of each phase, of the runs whose guards' decisions tell it. */
  readonly phasesMs: Phases;
  /** Longest silence for a client with default settings. */
  readonly defaultClientOutageMaxMs: number | null;
  readonly returnGapMaxMs: number | null;
  readonly acknowledged: number;
  readonly lost: number;
  readonly dualAcks: number;
  readonly staleMaxMs: number;
  readonly twoHoldersMaxMs: number;
  readonly twoWritableMaxMs: number;
  /** Slowest way back to a whole pair; null: one never came back by itself. */
  readonly backMaxSeconds: number | null;
  /** null: not tried. */
  readonly expectationMet: boolean | null;
  readonly reasons: readonly string[];
}

/** What is kept of the faults that were tried. */
export interface FaultsDocument {
  readonly bench: 'faults';
  readonly lines: readonly FaultLine[];
}

export function summarize(runs: readonly FaultRun[], broken: readonly BrokenRun[]): FaultLine[] {
  const faults = [...new Set([...runs, ...broken].map(({ fault }) => fault))];
  return faults.map((fault) => {
    const own = runs.filter((run) => run.fault === fault);
    const failed = broken.filter((run) => run.fault === fault);
    const reasons = [
      ...own.flatMap(({ run, problems }) => problems.map((problem) => `run ${run}: ${problem}`)),
      ...failed.map(({ run, reason }) => `run ${run} broke off: ${reason}`),
    ];
    return lineOf(fault, own, failed.length, reasons);
  });
}

function lineOf(
  { id, name }: Fault,
  runs: readonly FaultRun[],
  failed: number,
  reasons: readonly string[],
): FaultLine {
  const outage = runs.length === 0 ? undefined : spreadOf(runs.map(({ outageMs }) => outageMs));
  const sum = (pick: (run: FaultRun) => number): number => runs.reduce((total, run) => total + pick(run), 0);
  const most = (pick: (run: FaultRun) => number): number => Math.round(Math.max(0, ...runs.map(pick)));
  const backs = runs.map(({ backMs }) => backMs);
  return {
    ...{ id, fault: name, runs: runs.length + failed, failovers: sum((run) => run.failovers) },
    outageMedianMs: outage?.median ?? null,
    outageP95Ms: outage?.p95 ?? null,
    outageMaxMs: outage?.worst ?? null,
    phasesMs: phaseMedians(runs),
    defaultClientOutageMaxMs: runs.length === 0 ? null : most((run) => run.defaultClientOutageMs),
    returnGapMaxMs: runs.length === 0 ? null : most((run) => run.returnGapMs),
    ...{ acknowledged: sum((run) => run.acknowledged), lost: sum((run) => run.lost) },
    ...{ dualAcks: sum((run) => run.dualAcks), staleMaxMs: most((run) => run.staleMs) },
    twoHoldersMaxMs: most((run) => run.twoHoldersMs),
    twoWritableMaxMs: most((run) => run.twoWritableMs),
    backMaxSeconds: backs.includes(null) || runs.length === 0 ? null : most((run) => run.backMs ?? 0) / 1000,
    ...{ expectationMet: reasons.length === 0, reasons },
  };
}

function phaseMedians(runs: readonly FaultRun[]): Phases {
  return Object.fromEntries(
    phaseNames.flatMap((name) => {
      const told = runs.flatMap(({ phases }) => phases?.[name] ?? []);
      return told.length === 0 ? [] : [[name, Math.round(middleOf(told))]];
    }),
  );
}

export function skippedLine({ fault, reason }: Skipped): FaultLine {
  const none = { failovers: 0, acknowledged: 0, lost: 0, dualAcks: 0, runs: 0 };
  const times = { staleMaxMs: 0, twoHoldersMaxMs: 0, twoWritableMaxMs: 0 };
  const unknown = { outageMedianMs: null, outageP95Ms: null, outageMaxMs: null, phasesMs: {} };
  return {
    ...{ id: fault.id, fault: fault.name, ...none, ...times, ...unknown },
    ...{ defaultClientOutageMaxMs: null, returnGapMaxMs: null, backMaxSeconds: null },
    ...{ expectationMet: null, reasons: [`unsupported: ${reason}`] },
  };
}

export function renderReport(lines: readonly FaultLine[]): string {
  const phases = phaseTable(lines);
  const reasons = reasonsOf(lines);
  return [
    renderPlain(faultTable(lines)),
    ...(phases.rows.length === 0 ? [] : ['', 'Where the time went, medians in ms', '', renderPlain(phases)]),
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
  ].join('\n');
}
