/** The one clock of a measurement: monotonic milliseconds that every process of this machine counts alike. */

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Monotonic time of a wall-clock time (ms since the epoch); good for the minutes of one run. */
export function monotonicOfWall(wallMs: number): number {
  return wallMs - (performance.timeOrigin + performance.now()) + monotonicMs();
}

/** Milliseconds since the epoch of a time of monotonicMs(). */
export function wallOfMonotonic(at: number): number {
  return at - monotonicMs() + performance.timeOrigin + performance.now();
}
