/** What the schema cannot say about reports: schedules, their zone, addresses, URLs. */

import { validate as isCronExpression } from 'node-cron';
import type { SmtpSpec } from '../../shared/model/coordinator-file.ts';
import type { ReportsFile, ReportTarget } from '../../shared/model/reports-file.ts';
import { cronOf } from '../report/schedule-words.ts';
import { checkRecipient, isTimezone, isWebUrl } from './coordinator-rules.ts';
import type { Path, Report } from './problems.ts';

export function checkReports(reports: ReportsFile, smtp: SmtpSpec | undefined, report: Report): void {
  const { schedule, schedules, timezone, to = [] } = reports;
  if (schedule === undefined && schedules === undefined)
    report(['reports'], 'the key schedule is missing; or schedules, where there are several');
  if (schedule !== undefined && schedules !== undefined)
    report(
      ['reports', 'schedule'],
      'is the only schedule: beside schedules it belongs into them, with a name',
    );
  if (schedule !== undefined) checkSchedule(schedule, ['reports', 'schedule'], report);
  if (timezone !== undefined && !isTimezone(timezone))
    report(
      ['reports', 'timezone'],
      `must be an IANA time zone such as Asia/Shanghai, not ${JSON.stringify(timezone)}`,
    );
  checkTargets(to, smtp, ['reports', 'to'], report);
  for (const [name, own] of Object.entries(schedules ?? {})) {
    const path = ['reports', 'schedules', name];
    checkSchedule(own.schedule, [...path, 'schedule'], report);
    checkTargets(own.to ?? [], smtp, [...path, 'to'], report);
  }
}

function checkSchedule(text: string, path: Path, report: Report): void {
  const cron = cronOf(text);
  if (cron.trim().split(/\s+/).length === 5 && isCronExpression(cron)) return;
  report(
    path,
    `must be a cron expression of five fields such as "0 8 * * *", or daily, weekly or monthly, not ${JSON.stringify(text)}`,
  );
}

function checkTargets(
  targets: readonly ReportTarget[],
  smtp: SmtpSpec | undefined,
  path: Path,
  report: Report,
): void {
  for (const [index, target] of targets.entries()) {
    const own = [...path, index];
    if ('email' in target) checkRecipient(target.email, smtp, [...own, 'email'], report);
    if ('webhook' in target && !isWebUrl(target.webhook))
      report([...own, 'webhook'], 'must be a URL that begins with https:// or http://');
    if ('folder' in target && target.folder === '')
      report([...own, 'folder'], 'must be the path of a folder');
  }
}
