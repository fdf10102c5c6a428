/** What a load client is told on the first line of its standard input, and the counters it answers with. */

export interface LoadSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly table: string;
  /** Where the history is appended. */
  readonly historyFile: string;
  readonly connections: number;
  /** Ids are firstId, firstId + 1, …; clients of the same table need ranges of their own. */
  readonly firstId: number;
  /** Pause after an acknowledged row, per connection. */
  readonly pauseMs: number;
  /** Pause before the next attempt after one that was not acknowledged. */
  readonly retryMs: number;
  readonly connectTimeoutMs: number;
  /** A statement without an answer for so long is given up and its connection destroyed. */
  readonly statementTimeoutMs: number;
  readonly tls: boolean;
  /** With a number above 0, each row is preceded by adding one to one of so many shared counters. */
  readonly counters: number;
  /** Asks for the row's GTID together with the row. */
  readonly gtid: boolean;
}

export const defaultSettings = {
  port: 3306,
  connections: 4,
  firstId: 1,
  pauseMs: 5,
  retryMs: 20,
  connectTimeoutMs: 300,
  statementTimeoutMs: 500,
  tls: false,
  counters: 0,
  gtid: false,
} as const;

export interface LoadCounters {
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  /** monotonicMs() of the newest acknowledged row; null before the first. */
  readonly lastAckAt: number | null;
  readonly lastServer: number | null;
  readonly lastError: string | null;
}
