/**
 * Every decision that changes something, with what it was made from: one JSON line each, for the coordinator's history.
 * Not durable on purpose: a decision never waits for this file, whether its disk is full, slow, or hangs.
 */

import { appendFile, rename, stat } from 'node:fs/promises';
import type { GuardDecision } from '../../shared/model/guard-decision.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { Logger } from '../../shared/runtime/logger.ts';

const MOST_BYTES = 2_000_000;
/** What is kept while the file takes nothing. */
const MOST_LINES = 1000;

export class DecisionLog {
  /** Number of the last decision in this run; the run is in `id` as well. */
  last: string | null = null;
  readonly #boot: number;
  readonly #log: Logger;
  readonly #path: string;
  #count = 0;
  #lines: string[] = [];
  #writing = false;

  constructor(boot: number, log: Logger, path: string = HOST_PATHS.decisions) {
    this.#boot = boot;
    this.#log = log;
    this.#path = path;
  }

  add(decision: Omit<GuardDecision, 'id' | 'at'>): void {
    this.#count += 1;
    this.last = `${this.#boot}-${this.#count}`;
    const entry: GuardDecision = { id: this.last, at: Date.now(), ...decision };
    this.#lines.push(`${JSON.stringify(entry)}\n`);
    this.#lines = this.#lines.slice(-MOST_LINES);
    if (!this.#writing) void this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#lines.length > 0) {
      try {
        await appendFile(this.#path, this.#lines.splice(0).join(''), { mode: 0o600 });
        // The file before this one stays for one more round.
        if ((await stat(this.#path)).size > MOST_BYTES) await rename(this.#path, `${this.#path}.1`);
      } catch (error) {
        this.#log.warn({ err: error }, 'The decision could not be written to its file.');
      }
    }
    this.#writing = false;
  }
}
