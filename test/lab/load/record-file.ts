/** JSON lines on their way to a file: written every few milliseconds, so that a killed client leaves nearly all of them. */

import { closeSync, openSync, writeSync } from 'node:fs';

const flushMs = 20;

export class RecordFile {
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  #pending = '';

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600);
    this.#timer = setInterval(() => this.#flush(), flushMs);
  }

  add(line: string): void {
    this.#pending += line;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#pending !== '') writeSync(this.#file, this.#pending);
    this.#pending = '';
  }
}
