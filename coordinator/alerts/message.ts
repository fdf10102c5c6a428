/** What is told of an alert, in no language yet; words.ts has the languages. */

import type { AlertSeverity } from '../../shared/model/alerts-file.ts';

export type MessageKind = 'raised' | 'repeated' | 'escalated' | 'acknowledged' | 'cleared' | 'test';

/** What the sentences of a rule are made from. */
export interface AlertParams {
  readonly pair: string;
  readonly vip: string;
  /** The host that it is about; for a pair the one that is or was primary. */
  readonly host: string | null;
  readonly peer: string | null;
  /** Words of a server, a file, a guard. */
  readonly detail: string | null;
  /** Percent, seconds, days or ms: what the rule counts. */
  readonly count: number | null;
  /** What to type first. */
  readonly command: string;
}

export interface AlertMessage {
  readonly kind: MessageKind;
  /** Rule, pair and host. */
  readonly key: string;
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly params: AlertParams;
  /** Since when it is so, and when this message was made; ms since the epoch. */
  readonly since: number;
  readonly time: number;
  /** Who has acknowledged it. */
  readonly by: string | null;
  /** Other pairs with the same trouble at the same time, which this message stands for, too. */
  readonly also: readonly string[];
}
