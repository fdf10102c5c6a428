/** One alert: from the first sight of what it is about to its end. Times are ms since the epoch. */

import type { AlertSeverity } from '../../shared/model/alerts-file.ts';
import type { AlertParams } from './message.ts';

export interface AlertState {
  /** Rule, pair and host: what is open once at a time. */
  readonly key: string;
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly params: AlertParams;
  /** Since when it is so. */
  readonly since: number;
  /** The event that it is about; null where it is a condition. */
  readonly event: number | null;
  /** When receivers were told; null: it has not been so for long enough yet. */
  readonly raised: number | null;
  /** Since when it is not so any more. */
  readonly gone: number | null;
  readonly closed: number | null;
  readonly acknowledged: number | null;
  readonly acknowledgedBy: string | null;
  readonly lastTold: number | null;
  /** Names of the receivers that know of it. */
  readonly told: readonly string[];
}
