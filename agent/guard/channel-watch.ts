/** Replication of the local server, asked several times a second over a connection of its own. */

import type { LinkKeeper } from './link-keeper.ts';
import { type ChannelView, readChannel } from './replication.ts';

const STANDBY_EVERY_MS = 200;
const PRIMARY_EVERY_MS = 500;
/** SHOW SLAVE STATUS waits for a STOP SLAVE that is under way. */
const ANSWER_MS = 10_000;

export class ChannelWatch {
  view: ChannelView | undefined;
  streamedAt: number | undefined;
  readonly #link: LinkKeeper;
  #asking: Promise<void> | undefined;
  #nextAt = 0;

  constructor(link: LinkKeeper) {
    this.#link = link;
  }

  tick(serverUp: boolean, writable: boolean): void {
    const now = performance.now();
    if (!serverUp) {
      this.view = undefined;
      this.#nextAt = 0;
      return;
    }
    if (now < this.#nextAt) return;
    this.#nextAt = now + (writable ? PRIMARY_EVERY_MS : STANDBY_EVERY_MS);
    void this.refresh();
  }

  /** Settles with the answer in `view`; never rejects. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      const view = await readChannel(await this.#link.get(), ANSWER_MS);
      this.view = view;
      if (view.state === 'streaming') this.streamedAt = performance.now();
    } catch {
      this.view = undefined;
    }
  }
}
