/** What clients missed against what 99.99 % of the time allows. Pure. */

export const TARGET = 0.9999;

export interface Budget {
  readonly allowedMs: number;
  readonly usedMs: number;
  /** 0 and more; over 1 it is overdrawn. */
  readonly used: number;
  /** 0 to 1. */
  readonly availability: number;
}

export function budgetOf({ days, totalMs }: { readonly days: number; readonly totalMs: number }): Budget {
  const periodMs = days * 86_400_000;
  const allowedMs = periodMs * (1 - TARGET);
  return { allowedMs, usedMs: totalMs, used: totalMs / allowedMs, availability: 1 - totalMs / periodMs };
}
