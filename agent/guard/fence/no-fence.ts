/**
 * The place of the fence on a host that is to have none (`fence: none`): nothing in the kernel keeps clients away, so a
 * lease that is over closes nothing by itself. What docs/limits.md says of it is the price.
 *
 * Invariant: the ACK path, which no majority can do without, is cut all the same: by stopping the server's IO thread.
 * It counts as open until that was done, also at the start.
 */

import type { NodeFacts } from '../../../shared/pair/node-state.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { ServerEffect } from '../database/local-database.ts';
import { endStream } from './end-connections.ts';
import { removeFence } from './nft-once.ts';
import type { FencePlace } from './nft-text.ts';
import type { PortFence } from './port-fence.ts';

export interface NoFenceOptions extends Pick<FencePlace, 'peerAddress' | 'port'> {
  readonly database: {
    readonly facts: Pick<NodeFacts, 'server'>;
    perform(effect: ServerEffect): Promise<void>;
  };
  readonly log: Logger;
}

export class NoFence implements PortFence {
  readonly #options: NoFenceOptions;
  #ackPathOpen = true;

  constructor(options: NoFenceOptions) {
    this.#options = options;
  }

  get ackPathOpen(): boolean {
    return this.#ackPathOpen;
  }

  /** A fence from before would stay closed for ever. */
  async start(): Promise<void> {
    const { log } = this.#options;
    await removeFence().catch((error: unknown) => log.info({ err: error }, 'No fence can have been here.'));
    log.warn(
      'There is no fence here (fence: none). While this guard hangs or is gone, clients still reach a server that may not serve: reads can be old, and writes hang.',
    );
  }

  /** Settles when the IO thread has ended, which takes two seconds where the peer does not answer. */
  async ackPath(open: boolean): Promise<void> {
    const { database } = this.#options;
    // A server that is down confirms nothing, and starts without its threads.
    if (!open && database.facts.server !== 'down') await database.perform({ kind: 'io-thread', on: false });
    this.#ackPathOpen = open;
  }

  open(): void {}

  async announce(): Promise<void> {}

  standbyReads(): void {}

  async close(): Promise<void> {}

  async freeze(): Promise<void> {}

  async resetSessions(): Promise<void> {}

  /** No rule is needed for it. */
  async endStream(): Promise<void> {
    await endStream(this.#options, this.#options.log);
  }

  stop(): void {}
}
