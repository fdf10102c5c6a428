/**
 * Notes how each file was deployed, below the state folder, and tells which of them have come to differ since: changed
 * or removed by somebody else. A look costs one stat a file; a file is read only when its stat is another one.
 *
 * Invariants: only digests are kept and none of them leaves the host; what was deployed and noted is never drift, also
 * while a deploy is between writing a file and noting it, because a difference counts when it is seen twice.
 */

import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drift } from '../../shared/model/facts.ts';
import { type FileOnDisk, lstatOrNull, readFileOrNull, readTextOrNull } from './files.ts';

/** What is there only until the next boot is nobody's configuration. */
export const isManaged = (path: string): boolean => !path.startsWith('/run/');

export class ManagedFiles {
  readonly #folder: string;

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'managed');
  }

  /** What is at `path` now is what was deployed; where nothing is, nothing was. */
  async note(path: string): Promise<void> {
    const file = await readFileOrNull(path);
    const place = join(this.#folder, encodeURIComponent(path));
    if (file === null) return await rm(place, { force: true });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    // Not synced: a note that a power loss cuts off is none.
    await writeFile(`${place}.new`, `${fingerprint(file)}\n`, { mode: 0o600 });
    await rename(`${place}.new`, place);
  }

  /** The fingerprint of the file as it was deployed; null: it was not. */
  async noted(path: string): Promise<string | null> {
    return noteOf(await readTextOrNull(join(this.#folder, encodeURIComponent(path))));
  }

  async paths(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => !name.endsWith('.new')).map(decodeURIComponent);
  }
}

/** Looks every 10 s, and at a difference that is new once more the next time it is asked. */
export class DriftWatch {
  readonly #files: ManagedFiles;
  readonly #seen = new Map<string, { readonly stat: string; readonly print: string }>();
  #found: readonly Drift[] = [];
  #confirmed: readonly Drift[] = [];
  #lookAt = Number.NEGATIVE_INFINITY;

  constructor(files: ManagedFiles) {
    this.#files = files;
  }

  async read(now = performance.now()): Promise<Drift[]> {
    if (now >= this.#lookAt) {
      const found = await this.#look();
      if (textOf(found) === textOf(this.#found)) {
        this.#confirmed = found;
        this.#lookAt = now + EVERY_MS;
      }
      this.#found = found;
    }
    return [...this.#confirmed];
  }

  async #look(): Promise<Drift[]> {
    const drifts: Drift[] = [];
    for (const path of (await this.#files.paths()).toSorted()) {
      const noted = await this.#files.noted(path);
      if (noted === null) continue;
      const print = await this.#fingerprint(path);
      if (print !== noted) drifts.push({ path, ...difference(noted, print) });
    }
    return drifts;
  }

  async #fingerprint(path: string): Promise<string | null> {
    const stats = await lstatOrNull(path);
    if (stats === null) return null;
    const { ino, size, mtimeMs, ctimeMs } = stats;
    const stat = [ino, size, mtimeMs, ctimeMs].join(' ');
    const seen = this.#seen.get(path);
    if (seen?.stat === stat) return seen.print;
    // What is no regular file any more, or too large, differs whatever is in it.
    const file = await readFileOrNull(path).catch(() => undefined);
    const print = file === undefined ? `unreadable ${stat}` : file === null ? null : fingerprint(file);
    if (print !== null) this.#seen.set(path, { stat, print });
    return print;
  }
}

const EVERY_MS = 10_000;

export function fingerprint(file: FileOnDisk): string {
  return `${sha256(file.bytes)} ${file.mode.toString(8)} ${file.uid}:${file.gid}`;
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

function noteOf(text: string | null): string | null {
  const line = (text ?? '').trim();
  return /^[0-9a-f]{64} [0-7]+ \d+:\d+$/.test(line) ? line : null;
}

function difference(noted: string, print: string | null): Pick<Drift, 'how' | 'stamp'> {
  if (print === null) return { how: 'missing', stamp: '' };
  const how = noted.split(' ', 1)[0] === print.split(' ', 1)[0] ? 'mode' : 'content';
  // A digest of the digest: two changes are told apart, and nothing is told of a secret.
  return { how, stamp: sha256(print).slice(0, 12) };
}

const textOf = (drifts: readonly Drift[]): string => JSON.stringify(drifts);
