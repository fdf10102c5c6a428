/**
 * A row of the guard in the binary log, on a connection and under a key of its own: when it comes back, the standby has
 * confirmed it, and with it every commit before it. Blocks nothing but itself.
 */

import type { Logger } from '../../../shared/runtime/logger.ts';
import { LinkKeeper } from '../link-keeper.ts';
import { isConfirmed } from './commit-watch.ts';
import { parseSemiSync, READ_SEMI_SYNC, type SemiSyncReading } from './readings.ts';

/** The key of the write probe is the server_id, and its row is in no binary log: this one must be another row. */
const WRITE = `INSERT INTO hotpair.heartbeat (server_id, sequence, ts) VALUES (100 + @@server_id, 1, NOW(6))
  ON DUPLICATE KEY UPDATE sequence = sequence + 1, ts = NOW(6)`;
const READ_MS = 1000;
/** Longer than any standby is waited for; whoever gives up waiting switches semi-sync off, which ends this too. */
const WRITE_MS = 60_000;

export class Sentinel {
  readonly #link: LinkKeeper;
  readonly #log: Logger;
  #writing = false;
  #failing = false;

  constructor(socket: string, log: Logger) {
    this.#link = new LinkKeeper({ socket });
    this.#log = log;
  }

  /** Resolves to what the server counted after the row, when the row was confirmed; undefined: not so, or under way. */
  async write(run: number): Promise<SemiSyncReading | undefined> {
    if (this.#writing) return undefined;
    this.#writing = true;
    try {
      const link = await this.#link.get();
      const before = parseSemiSync(await link.query(READ_SEMI_SYNC, READ_MS));
      if (!before.on) return undefined;
      await link.query(WRITE, WRITE_MS);
      this.#failing = false;
      const after = parseSemiSync(await link.query(READ_SEMI_SYNC, READ_MS));
      return isConfirmed(run, before, after) ? after : undefined;
    } catch (error) {
      if (!this.#failing)
        this.#log.warn({ err: error }, 'The row that proves confirmations was not written.');
      this.#failing = true;
      return undefined;
    } finally {
      this.#writing = false;
    }
  }

  close(): void {
    this.#link.close();
  }
}
