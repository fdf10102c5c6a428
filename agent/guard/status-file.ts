/**
 * The guard's status for everybody else: written on every change and at least once a second. Its `since` is when role or
 * address changed last.
 */

import type { GuardState } from '../../shared/model/facts.ts';
import { readRunFile, writeRunFile } from './run-file.ts';

const EVERY_MS = 1000;

export type StatusContent = Omit<GuardState, 'since' | 'updated'>;

export class StatusFile {
  readonly #path: string;
  #last = '';
  #since = Date.now();
  #serving = '';
  #writtenAt = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** What the guard before this one wrote last, or undefined. */
  read(): GuardState | undefined {
    const text = readRunFile(this.#path);
    if (text === undefined) return undefined;
    try {
      // Written whole by a guard like this one, and by nobody else.
      const value = JSON.parse(text) as GuardState;
      return typeof value.role === 'string' ? value : undefined;
    } catch {
      return undefined;
    }
  }

  write(content: StatusContent): void {
    // What is left of the lease is another number every time; that alone is no change.
    const text = JSON.stringify(content, (key, value) => (key === 'leaseMs' ? undefined : value));
    const changed = text !== this.#last;
    if (!changed && performance.now() - this.#writtenAt < EVERY_MS) return;
    const serving = `${content.role} ${content.hasVip}`;
    if (serving !== this.#serving) this.#since = Date.now();
    this.#serving = serving;
    this.#last = text;
    this.#writtenAt = performance.now();
    const state: GuardState = { ...content, since: this.#since, updated: Date.now() };
    writeRunFile(this.#path, `${JSON.stringify(state)}\n`);
  }
}
