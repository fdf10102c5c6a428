/**
 * When reports are due: node-cron's own matching, asked for times that have passed. Pure but for node-cron's registry
 * of tasks, from which the task is removed again.
 */

import { createTask, parse, validate } from 'node-cron';
import { AppError } from '../../shared/errors/app-error.ts';

const MINUTE_MS = 60_000;
/** Zones differ from UTC by whole quarters of an hour, so only the minute within the quarter can be told beforehand. */
const QUARTER = 15;
/** Longest time that is searched: a schedule of every minute is still answered within a second or so. */
const LONGEST_MS = 35 * 86_400_000;
/** Further back than any change of a zone's clock reaches. */
const REPEAT_MS = 3 * 3_600_000;

/** Throws AppError CONFIG_INVALID. */
export function assertSchedule(expression: string, timezone: string): void {
  if (!validate(expression) || expression.trim().split(/\s+/).length !== 5)
    throw new AppError(
      'CONFIG_INVALID',
      `The schedule "${expression}" of reports is no cron expression of five fields.`,
    );
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `reports.timezone "${timezone}" is no IANA time zone.`, {
      cause: error,
    });
  }
}

/**
 * Due times after `from` up to and including `to`, ms since the epoch, oldest first. A time of day that a change to
 * summer time skips does not occur; one that the change back repeats counts once, the first time.
 */
export function dueTimes(expression: string, timezone: string, from: number, to: number): number[] {
  const minutes = new Set(parse(expression).minute.map((minute) => minute % QUARTER));
  const task = createTask(expression, () => undefined, { timezone });
  const wallClock = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const found: number[] = [];
  const seen = new Set<string>();
  const after = Math.max(from, to - LONGEST_MS);
  const start = Math.floor((after - REPEAT_MS) / MINUTE_MS) + 1;
  for (let minute = start; minute * MINUTE_MS <= to; minute += 1) {
    const time = minute * MINUTE_MS;
    if (!minutes.has(minute % QUARTER) || !task.match(new Date(time))) continue;
    const wall = wallClock.format(time);
    if (!seen.has(wall) && time > after) found.push(time);
    seen.add(wall);
  }
  void task.destroy();
  return found;
}

/**
 * Schedules that nobody kept: due after `lastKept` (the last report, or the first start of the daemon) and before
 * `now`, the one that is being kept at `now` left out.
 */
export function missedTimes(expression: string, timezone: string, lastKept: number, now: number): number[] {
  return dueTimes(expression, timezone, lastKept, now - MINUTE_MS);
}
