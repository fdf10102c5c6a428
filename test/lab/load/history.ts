/**
 * What a load client saw, as JSON lines. An attempt is one id: `invoke`, then exactly one of
 * `ok` (acknowledged), `fail` (certainly not written) or `info` (nobody can tell: the answer never came).
 */

interface Moment {
  readonly id: number;
  /** Index of the connection that made the attempt. */
  readonly writer: number;
  /** monotonicMs(). */
  readonly at: number;
  /** Milliseconds since the epoch. */
  readonly wall: number;
}

export interface Invoked extends Moment {
  readonly type: 'invoke';
}
export interface Acknowledged extends Moment {
  readonly type: 'ok';
  /** @@server_id of the server that wrote the row. */
  readonly server: number;
  /** Sequence number of the row's GTID in domain 0, of clients that ask for it. */
  readonly seq?: number;
}
export interface Unwritten extends Moment {
  readonly type: 'fail' | 'info';
  readonly error: string;
}
export type HistoryEvent = Invoked | Acknowledged | Unwritten;

export function formatEvent(event: HistoryEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Reads a history; a torn last line (the client was killed in the middle of it) is left out. */
export function parseHistory(text: string): HistoryEvent[] {
  const lines = text.split('\n');
  lines.pop();
  return lines.map((line, index) => {
    const event: unknown = JSON.parse(line);
    if (!isHistoryEvent(event)) throw new Error(`line ${index + 1} of the history is no event: ${line}`);
    return event;
  });
}

function isHistoryEvent(value: unknown): value is HistoryEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event: Partial<Record<string, unknown>> = value;
  const numbers = [event['id'], event['writer'], event['at'], event['wall']];
  if (!numbers.every(Number.isFinite)) return false;
  if (event['type'] === 'ok') return Number.isInteger(event['server']);
  if (event['type'] === 'fail' || event['type'] === 'info') return typeof event['error'] === 'string';
  return event['type'] === 'invoke';
}
