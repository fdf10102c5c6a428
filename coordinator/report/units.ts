/** Numbers for people. Pure. */

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `59.6 GB`, powers of 1000. */
export function bytes(count: number): string {
  const power = count < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** `0`, `0.42`, `41.7`, `412`. */
export function count(value: number): string {
  const digits = value === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** `99.9991 %`; never more than it is, so that 100 % is all of it. */
export function percent(share: number): string {
  return `${Math.floor(share * 1_000_000) / 10_000} %`;
}

/** `412 ms`, `3.2 s`, `5 min`. */
export function milliseconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  return duration(ms / 1000);
}

/** `42 s`, `17 min`, `5 h 12 min`, `12 days`. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return days(Math.floor(hours / 24));
}

/** Columns of a terminal that the text takes: Chinese characters and their punctuation are as wide as two others. */
export function columnsOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
}

export const days = (count: number): string => `${count} day${count === 1 ? '' : 's'}`;

/** `2026-11-22 08:00:00` in the given IANA zone; `withZone` adds its short name. */
export function localTime(time: number, timezone: string | undefined, withZone = false): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ dateStyle: 'short', timeStyle: 'medium' },
    ...(timezone === undefined ? {} : { timeZone: timezone }),
  });
  return `${format.format(time)}${withZone ? ` ${timezone ?? format.resolvedOptions().timeZone}` : ''}`;
}
