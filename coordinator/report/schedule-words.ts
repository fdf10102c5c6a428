/** daily, weekly and monthly as the cron expressions that they stand for. Pure. */

const WORDS: Readonly<Record<string, string>> = {
  daily: '0 8 * * *',
  weekly: '0 8 * * 1',
  monthly: '0 8 1 * *',
};

/** A cron expression stays as it is. */
export function cronOf(schedule: string): string {
  return WORDS[schedule.trim()] ?? schedule;
}
