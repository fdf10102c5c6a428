/** Quiet hours: when warnings wait. Pure. */

import type { AlertsSpec } from '../../shared/model/alerts-file.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** When the quiet hours end that `now` is in, ms since the epoch; null outside of them. */
export function quietUntil(
  now: number,
  { quiet, timezone }: Pick<AlertsSpec, 'quiet' | 'timezone'>,
): number | null {
  if (quiet === null) return null;
  const minute = minuteOfDay(now, timezone);
  const { from, to } = quiet;
  const inside = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!inside) return null;
  const left = (to - minute + DAY_MINUTES) % DAY_MINUTES;
  return now - (now % MINUTE_MS) + left * MINUTE_MS;
}

function minuteOfDay(now: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
  const [hours = 0, minutes = 0] = format.format(now).split(':').map(Number);
  return hours * 60 + minutes;
}
