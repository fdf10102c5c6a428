/** The reports of the file with every default filled in: one schedule or several become a list. Pure. */

import { resolve } from 'node:path';
import type {
  ReportSchedule,
  ReportsFile,
  ReportsSpec,
  ReportTarget,
  ScheduleFile,
} from '../../shared/model/reports-file.ts';
import { lengthMs } from '../../shared/time/length.ts';
import { cronOf } from '../report/schedule-words.ts';

/** `reports` has been validated; `folder` is what its relative paths count from. */
export function normalizeReports(reports: ReportsFile, folder: string): ReportsSpec {
  const { timezone = 'UTC', language = 'en' } = reports;
  const schedules = schedulesOf(reports).map(([name, file]) => normalizeSchedule(name, file, folder));
  return { timezone, language, schedules };
}

/** What a schedule does not say for itself is as the reports say; the only one of a file has no name. */
export function schedulesOf(reports: ReportsFile): (readonly [name: string | null, ScheduleFile])[] {
  const { schedule, schedules = {}, timezone: _timezone, ...common } = reports;
  const named = Object.entries(schedules).map(([name, own]) => [name, { ...common, ...own }] as const);
  return schedule === undefined ? named : [[null, { ...common, schedule }], ...named];
}

function normalizeSchedule(name: string | null, file: ScheduleFile, folder: string): ReportSchedule {
  const { schedule, period, language = 'en', to = [] } = file;
  return {
    ...{ name, cron: cronOf(schedule), language },
    periodMs: period === undefined ? null : lengthMs(period),
    to: to.map((target) => normalizeTarget(target, folder)),
  };
}

function normalizeTarget(target: ReportTarget, folder: string): ReportTarget {
  return 'folder' in target ? { folder: resolve(folder, target.folder) } : target;
}
