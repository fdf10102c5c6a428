/** Pauses between tries of the same thing that double up to a limit, until it has worked. */

import { backoffMs } from '../../shared/time/backoff.ts';

export class Pause {
  /** Monotonic time before which the next try is not due. */
  nextAt = 0;
  readonly #firstMs: number;
  readonly #mostMs: number;
  #tries = 0;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  tried(): void {
    const options = { firstMs: this.#firstMs, mostMs: this.#mostMs };
    this.nextAt = performance.now() + backoffMs(this.#tries, 1, options);
    this.#tries += 1;
  }

  worked(): void {
    this.#tries = 0;
    this.nextAt = 0;
  }
}
