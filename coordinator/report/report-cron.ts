/** Makes and sends a report at each schedule of the file, and tells which schedules were missed. */

import { schedule, setLogger } from 'node-cron';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec, ReportsSpec } from '../../shared/model/pair-spec.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { type NewEvent, NO_PAIR, type StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import { makeReport, sendReport } from './make-report.ts';
import { assertSchedule, dueTimes, missedTimes } from './schedule.ts';
import { localTime } from './units.ts';

export interface ReportCronOptions {
  readonly spec: HotpairSpec;
  readonly reports: ReportsSpec;
  readonly store: Store;
  readonly record: (event: NewEvent) => unknown;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;
/** node-cron fires within this of the schedule; timers and the wall clock may differ a little. */
const LATE_MS = 60_000;
const EARLY_MS = 1000;

/** Returns when the schedule is set up; the returned function settles when a report under way has ended. */
export function startReportCron(options: ReportCronOptions): () => Promise<void> {
  const { schedule: expression, timezone } = options.reports;
  assertSchedule(expression, timezone);
  const { log } = options;
  setLogger({
    info: (message) => log.debug(message),
    warn: (message) => log.warn(message),
    error: (message) => log.error({ err: message }, 'the scheduler failed'),
    debug: (message) => log.debug({ err: message }, 'scheduler'),
  });
  recordMissed(options);
  let underWay: Promise<void> = Promise.resolve();
  const task = schedule(
    expression,
    () => {
      underWay = keepSchedule(options, Date.now()).catch((error: unknown) => {
        log.error({ err: toAppError(error) }, 'the scheduled report failed');
      });
      return underWay;
    },
    { timezone, noOverlap: true, name: 'report' },
  );
  log.info({ schedule: expression, timezone, next: task.getNextRun() }, 'reports scheduled');
  return async () => {
    await task.destroy();
    await underWay;
  };
}

/** Makes and sends the report that is due at `now`, ms since the epoch. */
export async function keepSchedule(options: ReportCronOptions, now: number): Promise<void> {
  const { spec, reports, store, record, signal } = options;
  const due = dueTimes(reports.schedule, reports.timezone, now - LATE_MS, now + EARLY_MS).at(-1);
  // The hour that the change from summer time repeats is kept once, like dueTimes counts it.
  if (due === undefined) return;
  const last = lastScheduled(store);
  const missed = last === null ? [] : missedTimes(reports.schedule, reports.timezone, last, due);
  const periodMs = last === null ? DAY_MS : Math.max(now - last, 0);
  const { timezone } = reports;
  const report = await makeReport({ spec, pairs: spec.pairs, store, periodMs, missed, timezone, signal });
  await sendReport(report, { spec, due, record, signal });
}

/** The event of it comes when the daemon starts; the next report says it again, to those who read reports. */
function recordMissed({ reports, store, record }: ReportCronOptions): void {
  const last = lastScheduled(store);
  if (last === null) return;
  const told = store.events.last('ReportMissed', NO_PAIR)?.data['last'];
  const from = Math.max(last, typeof told === 'number' ? told : 0);
  const missed = missedTimes(reports.schedule, reports.timezone, from, Date.now());
  const [first] = missed;
  if (first === undefined) return;
  const at = (time: number): string => localTime(time, reports.timezone, true);
  const message =
    missed.length === 1
      ? `The health report of ${at(first)} was missed: the daemon was not running.`
      : `${missed.length} health reports since ${at(first)} were missed: the daemon was not running.`;
  record({
    pair: NO_PAIR,
    kind: 'ReportMissed',
    message,
    data: { count: missed.length, first, last: missed.at(-1) },
  });
}

/**
 * Schedule of the last report that was made for one, ms since the epoch; before the first, when the daemon first ran.
 * Reports that somebody asked for have no schedule, and may be newer.
 */
export function lastScheduled(store: Store): number | null {
  const sent = store.events.list({ pair: NO_PAIR, kinds: ['ReportSent', 'ReportFailed'], limit: 100 });
  const dues = sent.map(dueOf).filter((due) => due !== null);
  if (dues.length > 0) return Math.max(...dues);
  return store.events.list({ kinds: ['DaemonStarted'] })[0]?.time ?? null;
}

function dueOf(event: StoredEvent): number | null {
  const due = event.data['due'];
  return typeof due === 'number' ? due : null;
}
