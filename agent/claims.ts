/**
 * Who may change a pair: one owner at a time, held by a connection and gone with it. What is claimed is also written to
 * a file, for an installation that comes over ssh and would replace this very process.
 */

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Claim, pairBusy, renderClaims } from '../shared/model/claim.ts';

interface HeldClaim extends Claim {
  readonly connection: object;
}

export class Claims {
  readonly #claims = new Map<string, HeldClaim>();
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    rmSync(file, { force: true });
  }

  /** Throws PAIR_BUSY, naming the holder. The same connection may claim again. */
  claim(pair: string, owner: string, connection: object, now: number = Date.now()): void {
    const held = this.#claims.get(pair);
    if (held !== undefined && held.connection !== connection) throw pairBusy(held);
    this.#claims.set(pair, { pair, owner, connection, since: held?.since ?? now });
    try {
      this.#write();
    } catch (error) {
      this.#claims.delete(pair);
      throw error;
    }
  }

  /** Releasing what is not held does nothing; what another connection holds stays. */
  release(pair: string, connection: object): void {
    if (this.#claims.get(pair)?.connection !== connection) return;
    this.#claims.delete(pair);
    try {
      this.#write();
    } catch {
      // A disk that is full: the line goes with the next claim, or with this process.
    }
  }

  releaseAll(connection: object): void {
    for (const { pair } of [...this.#claims.values()]) this.release(pair, connection);
  }

  #write(): void {
    if (this.#claims.size === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    mkdirSync(dirname(this.#file), { recursive: true });
    const text = renderClaims(process.pid, [...this.#claims.values()]);
    writeFileSync(`${this.#file}.tmp`, text, { mode: 0o600 });
    renameSync(`${this.#file}.tmp`, this.#file);
  }
}
