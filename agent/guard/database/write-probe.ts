/**
 * Proves that storage takes writes: a row of hotpair.heartbeat outside the binary log, which waits for no standby and
 * leaves no GTID behind. Its silence is a hang, unless it waits for a lock that somebody holds on purpose.
 */

import { type DatabaseLink, openLink, type SqlRow } from '../database-link.ts';

const WRITE = `INSERT INTO hotpair.heartbeat (server_id, sequence, ts) VALUES (@@server_id, 1, NOW(6))
  ON DUPLICATE KEY UPDATE sequence = sequence + 1, ts = NOW(6)`;
const CONNECT_MS = 1000;
/** Each is a write to the disk; a hang is long against this. */
const EVERY_MS = 300;
/** Whether silence is a hang is decided from its length. */
const NO_DEADLINE_MS = 24 * 3600 * 1000;

interface Writing {
  since: number;
  /** What the server said it waits for: nothing asked yet, a lock, or something that is no excuse. */
  reason: 'unknown' | 'lock' | 'storage';
}

export class WriteProbe {
  readonly #socket: string;
  readonly #hangMs: number;
  /** Asks the server over a connection that is open already. */
  readonly #ask: (sql: string) => Promise<readonly SqlRow[]>;
  #link: DatabaseLink | undefined;
  #writing: Writing | undefined;
  #asking = false;
  #nextAt = 0;

  constructor(socket: string, hangMs: number, ask: (sql: string) => Promise<readonly SqlRow[]>) {
    this.#socket = socket;
    this.#hangMs = hangMs;
    this.#ask = ask;
  }

  get hangs(): boolean {
    return this.#writing !== undefined && this.#isLong(this.#writing) && this.#writing.reason === 'storage';
  }

  /** While the server is writable. */
  tick(stallMs: number): void {
    const writing = this.#writing;
    if (writing !== undefined) {
      writing.since += Math.max(0, stallMs);
      if (this.#isLong(writing)) void this.#askWhy(writing);
    } else if (performance.now() >= this.#nextAt) void this.#write();
  }

  /** The server is gone or takes no writes. */
  reset(): void {
    this.#link?.destroy();
    this.#link = undefined;
    this.#writing = undefined;
  }

  #isLong({ since }: Writing): boolean {
    return performance.now() - since > this.#hangMs;
  }

  async #write(): Promise<void> {
    const writing: Writing = { since: performance.now(), reason: 'unknown' };
    this.#writing = writing;
    this.#nextAt = writing.since + EVERY_MS;
    try {
      this.#link ??= await this.#open();
      await this.#link.query(WRITE, NO_DEADLINE_MS);
    } catch {
      // An answer is an answer: a missing table or a refused write is no hang.
    }
    if (this.#writing === writing) this.#writing = undefined;
  }

  async #open(): Promise<DatabaseLink> {
    const link = await openLink({ socket: this.#socket }, CONNECT_MS);
    void link.closed.then(() => {
      if (this.#link === link) this.#link = undefined;
    });
    await link.query('SET SESSION sql_log_bin = 0', CONNECT_MS);
    return link;
  }

  async #askWhy(writing: Writing): Promise<void> {
    if (this.#asking || this.#link === undefined) return;
    this.#asking = true;
    try {
      const sql = `SELECT STATE AS state FROM information_schema.PROCESSLIST WHERE ID = ${this.#link.id}`;
      const [row] = await this.#ask(sql);
      if (row !== undefined) writing.reason = isLockWait(String(row['state'] ?? '')) ? 'lock' : 'storage';
    } catch {
      // Whether the server answers at all is judged elsewhere.
    } finally {
      this.#asking = false;
    }
  }
}

/** The server's words for a wait that ends when somebody lets go, or confirms; a full disk is none. */
export function isLockWait(state: string): boolean {
  return state.startsWith('Waiting for') && !state.includes('space');
}
