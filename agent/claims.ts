/** Who may change a pair: one owner at a time, held by a connection and gone with it. */

import { AppError } from '../shared/errors/app-error.ts';

interface Claim {
  readonly owner: string;
  readonly connection: object;
  readonly since: number;
}

export class Claims {
  readonly #claims = new Map<string, Claim>();

  /** Throws PAIR_BUSY, naming the holder. The same connection may claim again. */
  claim(pair: string, owner: string, connection: object, now: number = Date.now()): void {
    const held = this.#claims.get(pair);
    if (held !== undefined && held.connection !== connection)
      throw new AppError(
        'PAIR_BUSY',
        `${held.owner} is at work on the pair ${pair} since ${new Date(held.since).toISOString()}; wait until it is done.`,
        { data: { pair, owner: held.owner, since: held.since } },
      );
    this.#claims.set(pair, { owner, connection, since: held?.since ?? now });
  }

  /** Releasing what is not held does nothing; what another connection holds stays. */
  release(pair: string, connection: object): void {
    if (this.#claims.get(pair)?.connection === connection) this.#claims.delete(pair);
  }

  releaseAll(connection: object): void {
    for (const [pair, claim] of this.#claims) if (claim.connection === connection) this.#claims.delete(pair);
  }
}
