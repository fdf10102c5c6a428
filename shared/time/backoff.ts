/** Waiting times between tries: doubling from first to most, with the caller's jitter (0..1). Pure. */

export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** `attempt` counts from 0; the answer is between half the nominal time and the nominal time. */
export function backoffMs(attempt: number, jitter: number, options: BackoffOptions): number {
  const nominal = Math.min(options.mostMs, options.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(nominal * (0.5 + jitter / 2));
}
