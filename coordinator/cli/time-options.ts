/** Times and lengths of time as people type them: 90s, 30m, 24h, 7d, or a date. Pure. */

import { AppError } from '../../shared/errors/app-error.ts';
import { lengthMs } from '../../shared/time/length.ts';

/** `24h` -> ms. Throws AppError USAGE; `option` is named in it. */
export function parseLength(text: string, option: string): number {
  const length = lengthMs(text);
  if (length > 0) return length;
  throw new AppError('USAGE', `${option} ${text}: give a length of time such as 90s, 30m, 24h or 7d.`);
}

/** `1h` ago, or a date and time (ISO 8601; local time where no zone is given), as ms since the epoch. */
export function parseSince(text: string, option: string, now: number): number {
  if (/^\d+[a-z]$/.test(text)) return now - parseLength(text, option);
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new AppError(
    'USAGE',
    `${option} ${text}: give a length of time such as 1h, or a date such as 2026-01-31T08:00.`,
  );
}

/** Throws AppError USAGE. */
export function parseCount(text: string, option: string, most: number): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= most) return count;
  throw new AppError('USAGE', `${option} ${text}: give a number from 1 to ${most}.`);
}
