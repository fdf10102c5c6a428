/**
 * What a look and a beat may know of the own server and fence, and how old that may be.
 *
 * Invariant: a beat that claims to know of the peer's newest threads tells no position that was read before they were heard of.
 */

import type { NodeFacts } from '../../shared/pair/node-state.ts';
import type { LocalDatabase } from './database/local-database.ts';
import type { PortFence } from './fence/port-fence.ts';

/** Of the virtual address: how long it has been away although this host may hold it. */
export interface AddressWatch {
  readonly lostMs: number;
}

/** How old may be what a look at rest decides from: half of the looks are then free of statements. */
const FRESH_MS = 150;

export class FactReader {
  readonly #database: LocalDatabase;
  readonly #fence: PortFence;
  readonly #address: AddressWatch;
  /** Something was done or heard since the server was read: the next look decides on nothing older. */
  #stale = true;
  /** Beginning of the read that the facts stem from, and when the peer's threads were first heard to be in a new run. */
  #readAt = Number.NEGATIVE_INFINITY;
  #echoAt = Number.NEGATIVE_INFINITY;

  constructor(database: LocalDatabase, fence: PortFence, address: AddressWatch) {
    this.#database = database;
    this.#fence = fence;
    this.#address = address;
  }

  outdate(): void {
    this.#stale = true;
  }

  /** The peer's replication threads are in another run than before. */
  heardNewThreads(): void {
    this.#echoAt = performance.now();
    this.#stale = true;
  }

  /** Reads the server, unless what is known is fresh. */
  async refresh(): Promise<void> {
    const readAt = performance.now();
    if (!this.#stale && readAt - this.#readAt < FRESH_MS) return;
    this.#stale = false;
    await this.#database.refresh();
    this.#readAt = readAt;
  }

  get facts(): NodeFacts {
    const { ackPathOpen } = this.#fence;
    return { ...this.#database.facts, ackPathOpen, addressLostMs: this.#address.lostMs };
  }

  /** A position that may be older than what the beat claims to know of the peer's threads proves nothing. */
  get beatFacts(): NodeFacts {
    return this.#readAt > this.#echoAt ? this.facts : { ...this.facts, position: Number.MAX_SAFE_INTEGER };
  }
}
