/**
 * The permit: the file that keepalived follows. "1" lets this host take part in the election of the address, anything
 * else keeps it out. keepalived writes "0" into it when it starts, so the file is compared, never taken for granted.
 */

import { readRunFile, writeRunFile } from './run-file.ts';

export class Permit {
  /** When the permit last changed, monotonic ms. */
  since = performance.now();
  granted = false;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.granted = readRunFile(path)?.trim() === '1';
  }

  /** Returns whether the file had to be written. */
  set(granted: boolean): boolean {
    const content = granted ? '1\n' : '0\n';
    if (granted !== this.granted) {
      this.granted = granted;
      this.since = performance.now();
    } else if (readRunFile(this.#path) === content) return false;
    writeRunFile(this.#path, content);
    return true;
  }
}
