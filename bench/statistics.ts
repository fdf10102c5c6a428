/** Median, worst and percentiles of measured times; a run without an end (null) is worse than every number. Pure. */

export interface Spread {
  readonly runs: number;
  /** null: more than half of the runs had no end. */
  readonly median: number | null;
  /** Nearest rank; only told from 20 runs on. */
  readonly p95?: number | null;
  readonly worst: number | null;
}

const runsForP95 = 20;

/** Of at least one value. */
export function spreadOf(values: readonly (number | null)[]): Spread {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const told = (value: number | undefined): number | null =>
    value === undefined || value === Number.POSITIVE_INFINITY ? null : Math.round(value);
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1];
  return {
    runs: sorted.length,
    median: told(middleOf(sorted)),
    ...(sorted.length >= runsForP95 ? { p95: told(p95) } : {}),
    worst: told(sorted.at(-1)),
  };
}

/** Median, not rounded; NaN of no values. */
export function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Nearest rank; NaN of no values. `share` is above 0 and at most 1. */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
}
