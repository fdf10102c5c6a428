/**
 * Ends the connections of clients of the port, each with a reset, so that they connect anew at once instead of waiting
 * for an answer. A courtesy to them: it never fails, and nobody waits long for it.
 *
 * The program that does it is kept in the page cache: `spawn` returns only after the kernel has read a program. A guard
 * stood still for 300 ms in the middle of a failover, most likely for one that had not been run since the boot.
 */

import type { Logger } from '../../../shared/runtime/logger.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';
import { briefly, endConnections } from './end-connections.ts';
import { type FencePlace, resetArgv, resetsText } from './nft-text.ts';

export interface ClientResetsOptions {
  readonly place: FencePlace;
  readonly log: Logger;
  /** Tells nft, and settles when it has answered. */
  ask(text: string): Promise<unknown>;
}

const RESETS_MS = 2000;
const WARM_EVERY_MS = 600_000;
const WARM_MS = 10_000;

export class ClientResets {
  readonly #options: ClientResetsOptions;
  #warming: NodeJS.Timeout | undefined;

  constructor(options: ClientResetsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#warming ??= setInterval(() => void this.#warm(), WARM_EVERY_MS);
    void this.#warm();
  }

  stop(): void {
    clearInterval(this.#warming);
    this.#warming = undefined;
  }

  /** Settles after a moment at the latest, whether it has succeeded or not. */
  async all(): Promise<void> {
    await briefly(this.#all());
  }

  async #all(): Promise<void> {
    const { place, log, ask } = this.#options;
    try {
      await ask(resetsText(place, RESETS_MS));
      log.info({ sessions: await endConnections(resetArgv(place)) }, 'Sessions of clients were reset.');
    } catch (error) {
      log.warn({ err: error }, 'Sessions of clients were not reset: they end when the clients ask again.');
    }
  }

  async #warm(): Promise<void> {
    try {
      await runCommand(['ss', '--version'], { timeoutMs: WARM_MS });
    } catch (error) {
      this.#options.log.warn({ err: error }, 'ss cannot be run: sessions of clients would not be reset.');
    }
  }
}
