/**
 * Writes the lease into the kernel, the newest one only, one after another.
 *
 * Invariants:
 * - what came late is followed by an exact opening, and what does not succeed by a close, so that a lease never stays
 *   longer than it was asked for;
 * - a lease that follows another one is written on condition that the other one is not over, so that what waited in nft
 *   while this host stood still opens nothing, even if nobody is left to correct it.
 */

import { leaseText } from './nft-text.ts';

/** A time on the clock of performance.now(). */
interface Lease {
  readonly addresses: readonly string[];
  readonly until: number;
}

export interface LeaseWriterParts {
  /** Settles when the kernel has taken the text, which is made when it is told; rejects when it is not known to. */
  readonly ask: (text: () => string) => Promise<unknown>;
  /** Puts right what a rejection leaves; never rejects. */
  readonly mend: (error: unknown) => Promise<void>;
  /** Takes the lease out of the kernel, or lets it end there by itself; never rejects. */
  readonly close: () => Promise<void>;
}

/** An answer later than this is followed by a correction; the guard's own margin for a lease is 50 ms. */
const LATE_MS = 20;
const ATTEMPTS = 3;
/** An nft that cannot work is not started thirty times a second. */
const PAUSE_MS = 300;

export class LeaseWriter {
  readonly #parts: LeaseWriterParts;
  /** What was asked for last; undefined = closed. */
  #lease: Lease | undefined;
  /** What the kernel has, as far as is known. */
  #held: Lease | undefined;
  #writing = false;
  #pausedUntil = 0;
  #writtenAt = 0;

  constructor(parts: LeaseWriterParts) {
    this.#parts = parts;
  }

  /** When the kernel was last known to have taken a lease. */
  get writtenAt(): number {
    return this.#writtenAt;
  }

  /** Lets clients in at these addresses until then; nothing when that is past. */
  write(addresses: readonly string[], until: number): void {
    const now = performance.now();
    if (until <= now || now < this.#pausedUntil) return;
    this.#lease = { addresses, until };
    if (!this.#writing) void this.#keepOpen();
  }

  /** Nothing is written any more until the next lease. */
  drop(): void {
    this.#lease = undefined;
    this.#held = undefined;
  }

  /** Writes the newest lease until one was written in time; closes when that does not succeed. */
  async #keepOpen(): Promise<void> {
    this.#writing = true;
    let failures = 0;
    let allowance = 0;
    for (let lease = this.#lease; lease !== undefined; lease = this.#lease) {
      const late = await this.#tell(lease, allowance);
      const inTime = late <= LATE_MS + allowance;
      if (inTime && this.#lease === lease) break;
      if (!inTime) failures += 1;
      if (Number.isFinite(late)) allowance = Math.max(allowance, late);
      if (failures === ATTEMPTS) await this.#giveUp();
    }
    this.#writing = false;
  }

  /**
   * How late the kernel can have got it: the timeout counts from then, so the lease ends so much later, less the
   * allowance that is taken off it. Infinite when nothing is known of it.
   */
  async #tell({ addresses, until }: Lease, allowance: number): Promise<number> {
    const { ask, mend } = this.#parts;
    let told = performance.now();
    const text = (): string => {
      told = performance.now();
      return leaseText(addresses, until - told - allowance, this.#heldAt(told));
    };
    try {
      await ask(text);
    } catch (error) {
      this.#held = undefined;
      await mend(error);
      return Number.POSITIVE_INFINITY;
    }
    this.#writtenAt = performance.now();
    // One that was dropped meanwhile is closed next.
    if (this.#lease !== undefined) this.#held = { addresses, until: until - allowance };
    return this.#writtenAt - told;
  }

  /** What the kernel still lets clients in at when it gets a text that is told now. */
  #heldAt(now: number): readonly string[] {
    return this.#held !== undefined && now < this.#held.until - LATE_MS ? this.#held.addresses : [];
  }

  async #giveUp(): Promise<void> {
    this.#pausedUntil = performance.now() + PAUSE_MS;
    await this.#parts.close();
  }
}
