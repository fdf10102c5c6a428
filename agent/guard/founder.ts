/** How this host's guard comes to its first record, or back to one that it lost: the loop around shared/pair/founding.ts. */

import {
  type FoundingEvent,
  type FoundingMessage,
  type FoundingState,
  foundingStep,
  startFounding,
} from '../../shared/pair/founding.ts';
import type { Ledger } from '../../shared/pair/voter.ts';
import { type NodeId, peerOf } from '../../shared/pair/weights.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { LocalDatabase } from './database/local-database.ts';
import { parseGtidPosition, standingOf } from './gtid.ts';
import type { VoterLinks } from './voter-links/voter-links.ts';

export interface FounderOptions {
  readonly id: NodeId;
  readonly boot: number;
  readonly database: LocalDatabase;
  readonly links: () => VoterLinks;
  readonly log: Logger;
  /** Writes the ledger down and begins the protocol; throws where it cannot be written. */
  readonly found: (ledger: Ledger) => void;
}

export class Founder {
  readonly #options: FounderOptions;
  #state: FoundingState;
  #looking = false;
  #heard = 0;
  #told = '';

  constructor(options: FounderOptions) {
    this.#options = options;
    this.#state = startFounding(options.id, options.boot);
  }

  /** Why there is no record yet. */
  get reason(): string {
    return this.#state.reason === ''
      ? 'This host has not yet agreed with its peer on a first record.'
      : this.#state.reason;
  }

  /** With every pulse. A look counts only when nothing was heard while its facts were read. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { database } = this.#options;
      const heard = this.#heard;
      await database.refresh();
      const { server, writable } = database.facts;
      const facts = { serverUp: server === 'up', writable, position: database.positions.binlog };
      if (heard === this.#heard) this.#step({ kind: 'look', facts });
    } finally {
      this.#looking = false;
    }
  }

  hear(message: FoundingMessage): void {
    this.#heard += 1;
    this.#step({ kind: 'message', message });
  }

  #step(event: FoundingEvent): void {
    const { id, links, found, log } = this.#options;
    const { state, effects } = foundingStep(this.#state, event, performance.now(), compare);
    this.#state = state;
    if (state.reason !== this.#told) log.info(state.reason);
    this.#told = state.reason;
    for (const effect of effects) {
      if (effect.kind === 'send') links().send(peerOf(id), effect.message);
      else if (effect.kind === 'lost') links().send(peerOf(id), { kind: 'forgot', memory: effect.memory });
      else found(effect.ledger);
    }
  }
}

function compare(own: string, peer: string): ReturnType<typeof standingOf> {
  return standingOf(parseGtidPosition(own), parseGtidPosition(peer));
}
