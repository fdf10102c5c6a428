/** Makes and sends a report at each schedule of the file, one after the other, and tells which schedules were missed. */

import { setLogger, schedule as startTask } from 'node-cron';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { ReportSchedule, ReportsSpec } from '../../shared/model/reports-file.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { type NewEvent, NO_PAIR } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import { lastScheduled, toldMissed } from './kept-schedules.ts';
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

/** Returns when the schedules are set up; the returned function settles when a report under way has ended. */
export function startReportCron(options: ReportCronOptions): () => Promise<void> {
  const { log, reports } = options;
  const { timezone, schedules } = reports;
  for (const { cron } of schedules) assertSchedule(cron, timezone);
  setLogger({
    info: (message) => log.debug(message),
    warn: (message) => log.warn(message),
    error: (message) => log.error({ err: message }, 'the scheduler failed'),
    debug: (message) => log.debug({ err: message }, 'scheduler'),
  });
  let underWay: Promise<void> = Promise.resolve();
  const tasks = schedules.map((schedule) => {
    recordMissed(options, schedule);
    const { name, cron } = schedule;
    const keep = (): Promise<void> => {
      const now = Date.now();
      underWay = underWay.then(() =>
        keepSchedule(options, schedule, now).catch((error: unknown) => {
          log.error({ err: toAppError(error), schedule: name ?? cron }, 'the scheduled report failed');
        }),
      );
      return underWay;
    };
    const task = startTask(cron, keep, { timezone, noOverlap: true, name: `report ${name ?? ''}` });
    log.info({ name, schedule: cron, timezone, next: task.getNextRun() }, 'reports scheduled');
    return task;
  });
  return async () => {
    await Promise.all(tasks.map((task) => task.destroy()));
    await underWay;
  };
}

/** Makes and sends the report that is due at `now`, ms since the epoch. */
export async function keepSchedule(
  options: ReportCronOptions,
  schedule: ReportSchedule,
  now: number,
): Promise<void> {
  const { spec, reports, store, record, signal } = options;
  const { name, cron, language, to } = schedule;
  const { timezone } = reports;
  const due = dueTimes(cron, timezone, now - LATE_MS, now + EARLY_MS).at(-1);
  // The hour that the change from summer time repeats is kept once, like dueTimes counts it.
  if (due === undefined) return;
  const last = lastScheduled(store, name);
  const missed = last === null ? [] : missedTimes(cron, timezone, last, due);
  const periodMs = schedule.periodMs ?? (last === null ? DAY_MS : Math.max(now - last, 0));
  const report = await makeReport({ spec, pairs: spec.pairs, store, periodMs, missed, timezone, signal });
  await sendReport(report, { spec, to, language, kept: { schedule: name, due }, record, signal });
}

/** The event of it comes when the daemon starts; the next report says it again, to those who read reports. */
function recordMissed({ reports, store, record }: ReportCronOptions, { name, cron }: ReportSchedule): void {
  const last = lastScheduled(store, name);
  if (last === null) return;
  const missed = missedTimes(cron, reports.timezone, Math.max(last, toldMissed(store, name)), Date.now());
  const [first] = missed;
  if (first === undefined) return;
  const at = (time: number): string => localTime(time, reports.timezone, true);
  const own = name === null ? '' : ` ${name}`;
  const message =
    missed.length === 1
      ? `The health report${own} of ${at(first)} was missed: the daemon was not running.`
      : `${missed.length} health reports${own} since ${at(first)} were missed: the daemon was not running.`;
  record({
    pair: NO_PAIR,
    kind: 'ReportMissed',
    message,
    data: { count: missed.length, first, last: missed.at(-1), schedule: name },
  });
}
