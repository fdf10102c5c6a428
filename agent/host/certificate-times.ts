/** Until when the host's certificates are valid; a file is parsed again only when it has changed. */

import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

export class CertificateTimes {
  readonly #paths: Readonly<Record<string, string>>;
  readonly #known = new Map<string, { readonly mtimeMs: number; readonly notAfter: number }>();

  constructor(paths: Readonly<Record<string, string>>) {
    this.#paths = paths;
  }

  /** Milliseconds since the epoch by name; a certificate that is not there is left out. */
  async read(): Promise<Record<string, number>> {
    const times: Record<string, number> = {};
    for (const [name, path] of Object.entries(this.#paths)) {
      const notAfter = await this.#notAfter(path).catch(() => undefined);
      if (notAfter !== undefined) times[name] = notAfter;
    }
    return times;
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
