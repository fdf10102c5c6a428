/**
 * Every decision that changes something, with what it was made from: one JSON line each, for the coordinator's history.
 * Not durable on purpose: a decision must never wait for this file, and a full disk must not stop a failover.
 */

import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { GuardDecision } from '../../shared/model/guard-decision.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';

import type { Logger } from '../../shared/runtime/logger.ts';

const MOST_BYTES = 2_000_000;

export class DecisionLog {
  /** Number of the last decision in this run; the run is in `id` as well. */
  last: string | null = null;
  readonly #boot: number;
  readonly #log: Logger;
  #count = 0;

  constructor(boot: number, log: Logger) {
    this.#boot = boot;
    this.#log = log;
  }

  add(decision: Omit<GuardDecision, 'id' | 'at'>): void {
    this.#count += 1;
    this.last = `${this.#boot}-${this.#count}`;
    const entry: GuardDecision = { id: this.last, at: Date.now(), ...decision };
    try {
      appendFileSync(HOST_PATHS.decisions, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      // The file before this one stays for one more round.
      if (this.#count % 100 === 0 && statSync(HOST_PATHS.decisions).size > MOST_BYTES)
        renameSync(HOST_PATHS.decisions, `${HOST_PATHS.decisions}.1`);
    } catch (error) {
      this.#log.warn({ err: error }, 'The decision could not be written to its file.');
    }
  }
}
