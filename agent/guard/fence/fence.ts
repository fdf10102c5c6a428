/**
 * The fence: which clients the kernel lets through to the server, and whether this host's replica reaches the peer.
 *
 * Invariants: the lease is an element with a timeout in the kernel, so the port closes by itself when nobody asks to
 * keep it open; no process is needed for that. What closes, and the ACK path, is settled only by reading it back from
 * the kernel. A table that somebody removed is put back closed.
 */

import { AppError, toAppError } from '../../../shared/errors/app-error.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { ClientResets } from './client-resets.ts';
import { endStream } from './end-connections.ts';
import { LeaseWriter } from './lease-writer.ts';
import { elementsOf, formerFence } from './nft-listing.ts';
import { listTable, nftOnce } from './nft-once.ts';
import { NftShell, refusal } from './nft-shell.ts';
import { egressText, type FormerFence, tableText } from './nft-tables.ts';
import {
  ackPathText,
  announceText,
  CLOSE_TEXT,
  type FencePlace,
  type FenceSet,
  freezeText,
  listText,
} from './nft-text.ts';
import type { PortFence } from './port-fence.ts';

export { closeFenceOnce, removeFence } from './nft-once.ts';

export interface FenceOptions extends FencePlace {
  readonly log: Logger;
}

/** A lease outlasts one nft that hangs and the start of another. */
const ANSWER_MS = 250;
const START_MS = 2000;
const ATTEMPTS = 3;
const CHECK_MS = 500;
const FREEZE_MS = 2000;

export class Fence implements PortFence {
  #ackPathOpen = false;
  #checkedAt = 0;
  #check: NodeJS.Timeout | undefined;
  readonly #nft = new NftShell();
  readonly #lease = new LeaseWriter({
    ask: (text) => this.#nft.ask(text, ANSWER_MS),
    mend: (error) => this.#mend(error),
    close: () => this.#closeAnyway(),
  });
  readonly #resets: ClientResets;
  readonly #place: FencePlace;
  readonly #log: Logger;

  constructor({ log, ...place }: FenceOptions) {
    this.#place = place;
    this.#log = log;
    this.#resets = new ClientResets({ place, log, ask: (text) => this.#nft.ask(text, ANSWER_MS) });
  }

  /** As the kernel was last seen. */
  get ackPathOpen(): boolean {
    return this.#ackPathOpen;
  }

  /** Makes the table, or takes over the one that a guard before this one left, lease and ACK path as they are. */
  async start(): Promise<void> {
    try {
      await this.#takeOver();
    } catch (error) {
      const advice =
        'Install nftables, and see that the guard may administer the network and the kernel has nf_tables.';
      const { message } = toAppError(error);
      throw new AppError('FENCE_UNAVAILABLE', `${message} ${advice}`, { cause: error });
    }
    this.#resets.start();
    this.#check ??= setInterval(() => void this.#watch(), CHECK_MS);
  }

  /** Lets clients in at both addresses until then (performance.now(), ms); nothing when that is past. */
  open(until: number): void {
    this.#lease.write([this.#place.vip, this.#place.address], until);
  }

  /** Lets the virtual address be announced until then, and nobody in: settles when the kernel knows. */
  async announce(until: number): Promise<void> {
    const text = (): string => announceText(this.#place.vip, until - performance.now());
    await this.#nft.ask(text, ANSWER_MS);
  }

  /** Lets clients in at the own address only. */
  standbyReads(until: number): void {
    this.#lease.write([this.#place.address], until);
  }

  /** Settles when the kernel has no lease element; rejects after several attempts: then the lease ends by itself. */
  async close(): Promise<void> {
    this.#lease.drop();
    await this.#confirm(CLOSE_TEXT, 'lease', (elements) => elements.length === 0);
  }

  /** Settles when the own replica's way to the peer is as asked: a cut resets its connection and refuses new ones. */
  async ackPath(open: boolean): Promise<void> {
    const { peerAddress } = this.#place;
    const isSo = (elements: readonly string[]): boolean => elements.includes(peerAddress) === open;
    await this.#confirm(ackPathText(peerAddress, open), 'ackpeer', isSo);
    this.#ackPathOpen = open;
  }

  /** No packet of a client comes in any more, answers still leave; it ends by itself after two seconds. */
  async freeze(on: boolean): Promise<void> {
    await this.#nft.ask(freezeText(this.#place, on ? FREEZE_MS : null), ANSWER_MS);
  }

  /**
   * Clients of the port get a reset each, and connect anew at once; for two seconds every further word to a closed
   * address is answered with a reset too. While the server lives, and before the virtual address is gone: of an idle
   * session no reset can leave from an address that the host does not have.
   */
  async resetSessions(): Promise<void> {
    await this.#resets.all();
  }

  /** What the peer has open to the server ends; it may connect again at once. */
  async endStream(): Promise<void> {
    await endStream(this.#place, this.#log);
  }

  /** Ends nft. The rules stay, and close by themselves. */
  stop(): void {
    clearInterval(this.#check);
    this.#resets.stop();
    this.#nft.stop();
  }

  async #takeOver(): Promise<void> {
    const listing = await listTable();
    const former = formerFence(listing);
    const peers = listing === undefined ? undefined : elementsOf(listing, 'ackpeer');
    await this.#load(former, peers?.includes(this.#place.peerAddress) === true);
    await this.#readAckPath(START_MS); // Also the proof that `nft -i` works.
  }

  async #closeAnyway(): Promise<void> {
    try {
      await this.close();
    } catch (error) {
      this.#log.error(
        { err: error },
        'The fence can be neither opened nor closed; its lease ends by itself.',
      );
    }
  }

  async #confirm(text: string, set: FenceSet, isSo: (elements: readonly string[]) => boolean): Promise<void> {
    let reason: unknown;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        // Two lines: what is listed in one transaction with a change is the state before it.
        const answer = await this.#nft.ask(`${text}\n${listText(set)}`, ANSWER_MS);
        if (isSo(elementsOf(answer, set) ?? [])) return;
        reason = refusal(`the set ${set} is not as it was asked for: ${answer}`);
      } catch (error) {
        reason = error;
        await this.#mend(error);
      }
    }
    throw reason;
  }

  /** After a refusal: it may be that the table is gone, and with it everything that was closed. */
  async #mend(error: unknown): Promise<void> {
    this.#log.warn({ err: error }, 'The fence could not be set as asked; it is set again.');
    try {
      const former = formerFence(await listTable());
      await this.#load(former, this.#ackPathOpen);
      if (former !== 'same') this.#log.error({ former }, 'Another program took the fence away; it is back.');
    } catch (again) {
      this.#log.error({ err: again }, 'The fence cannot be set.');
    }
  }

  async #load(former: FormerFence, ackPathOpen: boolean): Promise<void> {
    try {
      await this.#loadText(tableText(this.#place, former, ackPathOpen));
    } catch (error) {
      if (former !== 'same') throw error;
      await this.#loadText(tableText(this.#place, 'other', ackPathOpen));
    }
    this.#ackPathOpen = ackPathOpen;
  }

  /** All of it in one transaction, or what an older kernel can. */
  async #loadText(text: string): Promise<void> {
    try {
      await nftOnce(`${text}${egressText(this.#place)}`);
    } catch (error) {
      await nftOnce(text);
      // Then a host whose guard hangs goes on announcing the address until that guard is killed.
      this.#log.warn({ err: error }, 'The kernel does not keep keepalived from announcing without a lease.');
    }
  }

  async #readAckPath(deadlineMs: number): Promise<void> {
    const elements = elementsOf(await this.#nft.ask(listText('ackpeer'), deadlineMs), 'ackpeer');
    if (elements === undefined) throw refusal('the set ackpeer cannot be listed.');
    this.#ackPathOpen = elements.includes(this.#place.peerAddress);
    this.#checkedAt = performance.now();
  }

  /** A closed fence is not written to; it is looked at instead. */
  async #watch(): Promise<void> {
    const knownAt = Math.max(this.#checkedAt, this.#lease.writtenAt);
    if (performance.now() - knownAt < CHECK_MS - 100) return;
    try {
      await this.#readAckPath(ANSWER_MS);
    } catch (error) {
      await this.#mend(error);
    }
  }
}
