/**
 * Remembers the answers of calls by idempotency key: the same key and parameters get the first answer again, other
 * parameters are refused. Bounded: the oldest finished answer is forgotten first.
 */

import { createHash } from 'node:crypto';
import { AppError } from '../shared/errors/app-error.ts';

interface Remembered<T> {
  readonly fingerprint: string;
  readonly answer: Promise<T>;
}

export class ReplayMemory<T> {
  readonly #answers = new Map<string, Remembered<T>>();
  readonly #limit: number;

  constructor(limit = 1000) {
    this.#limit = limit;
  }

  /** `keep` decides whether a finished answer is worth remembering; one that was cut short is not. */
  async once(key: string, request: unknown, run: () => Promise<T>, keep: (answer: T) => boolean): Promise<T> {
    const fingerprint = createHash('sha256').update(canonicalJson(request)).digest('hex');
    const known = this.#answers.get(key);
    if (known !== undefined) {
      if (known.fingerprint === fingerprint) return known.answer;
      throw new AppError('REPLAYED_KEY', `The key ${JSON.stringify(key)} was used before with another call.`);
    }
    const answer = run();
    this.#answers.set(key, { fingerprint, answer });
    this.#shrink();
    try {
      const value = await answer;
      if (!keep(value)) this.#answers.delete(key);
      return value;
    } catch (error) {
      this.#answers.delete(key);
      throw error;
    }
  }

  #shrink(): void {
    if (this.#answers.size <= this.#limit) return;
    const oldest = this.#answers.keys().next().value;
    if (oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** JSON with sorted keys, so that the order in which a caller wrote them does not matter. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
