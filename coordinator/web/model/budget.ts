/** What clients missed against what the outage budget allows. Pure. */

import type { PairDetail } from '../../../shared/api/pair-view.ts';

export interface Budget {
  readonly allowedMs: number;
  readonly usedMs: number;
  /** 0 and more; over 1 it is overdrawn. */
  readonly used: number;
  /** 0 to 1. */
  readonly availability: number;
  /** The availability that the budget stands for, 0 to 1. */
  readonly target: number;
}

export function budgetOf({ days, totalMs, allowedMs }: Omit<PairDetail['outages'], 'count'>): Budget {
  const periodMs = days * 86_400_000;
  return {
    ...{ allowedMs, usedMs: totalMs, used: totalMs / allowedMs },
    ...{ availability: 1 - totalMs / periodMs, target: 1 - allowedMs / periodMs },
  };
}
