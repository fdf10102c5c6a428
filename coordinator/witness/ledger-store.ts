/**
 * The witness's memory of one pair, in DATA/witness/PAIR.json. A damaged file is set aside, never voted by: what it
 * promised is unknown then, as if it had been lost.
 */

import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLedger, renderLedger } from '../../shared/pair/ledger-file.ts';
import type { Ledger } from '../../shared/pair/voter.ts';
import { replaceFile } from '../../shared/runtime/replace-file.ts';

export type StoredLedger =
  | { readonly kind: 'whole'; readonly ledger: Ledger }
  | { readonly kind: 'missing' }
  /** `setAside`: where it is kept. */
  | { readonly kind: 'damaged'; readonly setAside: string; readonly reason: string };

/** Names of the files in the folder; null for one that cannot be read, which tells nothing. */
export type KeptLedgers = ReadonlySet<string> | null;

/** One look at the folder for all pairs. */
export function keptLedgers(data: string): KeptLedgers {
  try {
    return new Set(readdirSync(join(data, 'witness')));
  } catch {
    return null;
  }
}

export class LedgerStore {
  readonly #pair: string;
  readonly #folder: string;

  constructor(data: string, pair: string) {
    this.#pair = pair;
    this.#folder = join(data, 'witness');
  }

  get #path(): string {
    return join(this.#folder, `${this.#pair}.json`);
  }

  /** Rejects where the folder cannot be used. */
  async read(): Promise<StoredLedger> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const content = await readIfThere(this.#path);
    if (content === null) return { kind: 'missing' };
    try {
      return { kind: 'whole', ledger: parseLedger(this.#pair, content) };
    } catch (error) {
      const setAside = `${this.#path}.damaged-${new Date().toISOString().replaceAll(':', '')}`;
      await rename(this.#path, setAside);
      return { kind: 'damaged', setAside, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Somebody has taken it out of its folder: it is nobody's memory any more. */
  isTaken(kept: KeptLedgers): boolean {
    return kept !== null && !kept.has(`${this.#pair}.json`);
  }

  /** The memory of a pair that is founded anew: kept under another name, never voted by. Nothing where there is none. */
  async setAside(): Promise<void> {
    if (!existsSync(this.#path)) return;
    await rename(this.#path, `${this.#path}.former-${new Date().toISOString().replaceAll(':', '')}`);
  }

  /** Durable when it settles. */
  async write(ledger: Ledger): Promise<void> {
    await replaceFile(this.#path, renderLedger(this.#pair, ledger), 0o600);
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
