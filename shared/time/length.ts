/** Lengths of time as people write them: 90s, 15m, 24h, 7d, 2w. Pure. */

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `24h` to milliseconds; NaN for anything else. */
export function lengthMs(text: string): number {
  const match = /^(\d{1,6})([smhdw])$/.exec(text);
  return Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
}
