/** Until when the host's certificates are valid; looked at once a minute, parsed only when a file has changed. */

import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

const EVERY_MS = 60_000;

export class CertificateTimes {
  readonly #paths: Readonly<Record<string, string>>;
  readonly #known = new Map<string, { readonly mtimeMs: number; readonly notAfter: number }>();

  #last: Readonly<Record<string, number>> = {};
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(paths: Readonly<Record<string, string>>) {
    this.#paths = paths;
  }

  /** Milliseconds since the epoch by name; a certificate that is not there is left out. */
  async read(): Promise<Record<string, number>> {
    const now = performance.now();
    if (now - this.#readAt < EVERY_MS) return { ...this.#last };
    const times: Record<string, number> = {};
    for (const [name, path] of Object.entries(this.#paths)) {
      const notAfter = await this.#notAfter(path).catch(() => undefined);
      if (notAfter !== undefined) times[name] = notAfter;
    }
    this.#last = times;
    this.#readAt = now;
    return { ...times };
  }

  async #notAfter(path: string): Promise<number> {
    const { mtimeMs } = await stat(path);
    const known = this.#known.get(path);
    if (known?.mtimeMs === mtimeMs) return known.notAfter;
    const notAfter = Date.parse(new X509Certificate(await readFile(path)).validTo);
    this.#known.set(path, { mtimeMs, notAfter });
    return notAfter;
  }
}
