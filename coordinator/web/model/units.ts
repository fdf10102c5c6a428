/** Numbers and times for people, in either language. Pure; the time zone is the browser's. */

export type Language = 'en' | 'zh';
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' };

const UNITS = [
  { ms: 86_400_000, en: 'd', zh: '天' },
  { ms: 3_600_000, en: 'h', zh: '小时' },
  { ms: 60_000, en: 'min', zh: '分' },
  { ms: 1000, en: 's', zh: '秒' },
] as const;

/** 340 ms, 1.5 s, 12 s, 3 min, 2 h 5 min, 4 d. */
export function duration(ms: number, language: Language): string {
  const zh = language === 'zh';
  if (ms < 1000) return `${Math.round(ms)} ${zh ? '毫秒' : 'ms'}`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} ${zh ? '秒' : 's'}`;
  const first = UNITS.findIndex((unit) => ms >= unit.ms);
  const [large, small] = [UNITS[first], UNITS[first + 1]];
  if (large === undefined) return '';
  const whole = Math.floor(ms / large.ms);
  const rest = small === undefined || whole >= 10 ? 0 : Math.floor((ms % large.ms) / small.ms);
  const words = `${whole} ${large[language]}`;
  return rest === 0 || small === undefined ? words : `${words} ${rest} ${small[language]}`;
}

export function clock(time: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], { timeStyle: 'medium' }).format(time);
}

export function dateAndTime(time: number, language: Language): string {
  const format = { dateStyle: 'medium', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat(LOCALES[language], format).format(time);
}

export function number(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(LOCALES[language], { maximumFractionDigits: digits }).format(value);
}

export function bytes(value: number, language: Language): string {
  const [unit, size] = value >= 1e12 ? ['TB', 1e12] : value >= 1e9 ? ['GB', 1e9] : ['MB', 1e6];
  return `${number(value / Number(size), language, value >= Number(size) * 10 ? 0 : 1)} ${unit}`;
}

/** 99.9987 %; never 100 % while something is missing. */
export function percent(ratio: number, language: Language): string {
  const shown = ratio < 1 ? Math.min(ratio, 0.999999) : 1;
  return `${number(shown * 100, language, 4)} %`;
}

/** +1.204 s from the beginning of an outage. */
export function offset(ms: number): string {
  const sign = ms < 0 ? '−' : '+';
  return `${sign}${(Math.abs(ms) / 1000).toFixed(3)} s`;
}
