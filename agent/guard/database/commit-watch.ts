/**
 * What commits on a primary wait for: since when some have waited without any being confirmed, and whether a row of the
 * guard, written after semi-sync was switched on, was confirmed by the standby. Pure.
 *
 * Invariant: a confirmation counts for one stretch of semi-sync only. The server counts each time it is switched off;
 * a stretch is one run of the server, and one value of that counter.
 */

import type { SemiSyncReading } from './readings.ts';

export interface CommitWatch {
  /** Names the stretch; null while semi-sync is off. */
  readonly stretch: string | null;
  readonly acked: boolean;
  readonly waitingSince: number | null;
  readonly confirmed: number;
}

export const NO_COMMITS: CommitWatch = { stretch: null, acked: false, waitingSince: null, confirmed: 0 };

export function stretchOf(run: number, { switchedOff }: SemiSyncReading): string {
  return `${run}:${switchedOff}`;
}

/** `at`: when the reading was asked for. A commit counts from the first reading that saw it, so up to one later. */
export function observe(
  before: CommitWatch,
  seen: { readonly run: number; readonly at: number; readonly reading: SemiSyncReading },
): CommitWatch {
  const { run, at, reading } = seen;
  if (!reading.on) return NO_COMMITS;
  const stretch = stretchOf(run, reading);
  const same = stretch === before.stretch;
  const moved = !same || reading.confirmed !== before.confirmed;
  const waitingSince = reading.waiting === 0 ? null : moved ? at : (before.waitingSince ?? at);
  return { stretch, acked: same && before.acked, waitingSince, confirmed: reading.confirmed };
}

/** The guard's row came back between two readings. */
export function isConfirmed(run: number, before: SemiSyncReading, after: SemiSyncReading): boolean {
  return (
    before.on &&
    after.on &&
    after.clients >= 1 &&
    stretchOf(run, before) === stretchOf(run, after) &&
    after.confirmed > before.confirmed
  );
}
