/** One health report from end to end: gather, judge; and, where it is asked for, deliver and record. */

import { join } from 'node:path';
import type { Language } from '../../shared/model/language.ts';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { ReportTarget } from '../../shared/model/reports-file.ts';
import { type NewEvent, NO_PAIR } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import { type DeliveryOutcome, deliverAll } from './deliver.ts';
import { gatherPair } from './gather.ts';
import { judgeHealth } from './health.ts';
import type { HealthReport, MissedSchedules } from './health-report.ts';
import { KEEP_REPORTS, pruneReports } from './prune-reports.ts';
import { type RenderedReport, renderReport } from './rendered-report.ts';

export interface ReportRequest {
  readonly spec: HotpairSpec;
  readonly pairs: readonly PairSpec[];
  readonly store: Store;
  readonly periodMs: number;
  readonly missed: MissedSchedules;
  readonly timezone: string;
  readonly signal: AbortSignal;
}

export async function makeReport(request: ReportRequest): Promise<HealthReport> {
  const { spec, store, signal, timezone, missed } = request;
  const time = Date.now();
  const period = { from: time - request.periodMs, to: time };
  const readings = await Promise.all(
    request.pairs.map((pair) => gatherPair(spec, pair, store, period, signal)),
  );
  signal.throwIfAborted(); // What was read while everything ended says nothing about the hosts.
  return judgeHealth(readings, { time, timezone, missed });
}

export interface SendRequest {
  readonly spec: HotpairSpec;
  /** Besides the reports folder. */
  readonly to: readonly ReportTarget[];
  readonly language: Language;
  /** The schedule that this report keeps, and the time of it; null when somebody asked for it. */
  readonly kept: { readonly schedule: string | null; readonly due: number } | null;
  readonly record: (event: NewEvent) => unknown;
  readonly signal: AbortSignal;
}

/**
 * To DATA/reports first, where it stays whatever becomes of the others until 400 newer ones are there, then to its
 * targets.
 */
export async function sendReport(report: HealthReport, request: SendRequest): Promise<DeliveryOutcome[]> {
  const { spec, signal } = request;
  const rendered = renderReport(report, request.language);
  const options = { smtp: spec.coordinator.smtp, signal };
  const kept = await deliverAll(rendered, [{ folder: reportsFolder(spec) }], options);
  await pruneReports(reportsFolder(spec), KEEP_REPORTS);
  const sent = await deliverAll(rendered, request.to, options);
  const outcomes = [...kept, ...sent];
  request.record(reportEvent(rendered, outcomes, request.kept));
  return outcomes;
}

export const reportsFolder = (spec: HotpairSpec): string => join(spec.coordinator.data, 'reports');

/** Every target of every schedule, each once. */
export function allTargets({ reports }: HotpairSpec): ReportTarget[] {
  const all = (reports?.schedules ?? []).flatMap(({ to }) => to);
  return [...new Map(all.map((target) => [JSON.stringify(target), target])).values()];
}

function reportEvent(
  report: RenderedReport,
  outcomes: readonly DeliveryOutcome[],
  kept: SendRequest['kept'],
): NewEvent {
  const failed = outcomes.filter((outcome) => !outcome.ok);
  const { schedule = null, due = null } = kept ?? {};
  const data = { due, schedule, file: report.name, grade: report.report.grade, outcomes };
  const what = schedule === null ? 'The health report' : `The health report ${schedule}`;
  if (failed.length === 0) {
    const where = outcomes.map((outcome) => outcome.target).join(', ');
    return { pair: NO_PAIR, kind: 'ReportSent', message: `${what} went to ${where}.`, data };
  }
  const words = failed
    .map((outcome) => `${outcome.target} (${outcome.error?.replace(/\.$/, '')})`)
    .join(', ');
  const message = `${what} (${report.name}) did not get to ${words}; it was tried ${failed[0]?.attempts} times.`;
  return { pair: NO_PAIR, kind: 'ReportFailed', message, data };
}
