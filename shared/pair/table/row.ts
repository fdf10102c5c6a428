/** A row of the table: where it counts, what it does, and why. The reason is the log line. */

import type { Context, Outcome } from '../context.ts';
import type { Phase } from '../node-state.ts';

export interface Row {
  readonly id: string;
  readonly from: readonly Phase[];
  /** Where it can lead; the same phase when empty. */
  readonly to: readonly Phase[];
  readonly when: (context: Context) => boolean;
  readonly act: (context: Context) => Outcome;
  readonly reason: string;
}

export const PRIMARY: readonly Phase[] = ['PRIMARY_SYNC', 'PRIMARY_SOLO'];
export const CLOSED: readonly Phase[] = ['INIT', 'FENCED'];
export const STANDBY: readonly Phase[] = ['STANDBY_CATCHUP', 'STANDBY_READY'];
