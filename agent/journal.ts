/**
 * The append-only record of every action: who, what, outcome, duration; one JSON object a line, without secrets.
 * Two generations bound its size: the file, and the one before it (`.1`).
 */

import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decode } from '../shared/protocol/decode.ts';
import { type JournalEntry, JournalEntrySchema } from '../shared/protocol/methods.ts';

export interface JournalOptions {
  /** Size at which a new file begins; default 4 MiB. */
  readonly maxBytes?: number;
  /** Told once a line cannot be written (disk full); the action goes on. */
  readonly onError?: (error: unknown) => void;
}

export class Journal {
  readonly #path: string;
  readonly #options: JournalOptions;
  /** Appends one after the other, so that lines and rotation keep their order. */
  #tail: Promise<void> = Promise.resolve();

  constructor(path: string, options: JournalOptions = {}) {
    this.#path = path;
    this.#options = options;
  }

  append(entry: JournalEntry): Promise<void> {
    this.#tail = this.#tail
      .then(() => this.#write(`${JSON.stringify(entry)}\n`))
      .catch((error: unknown) => this.#options.onError?.(error));
    return this.#tail;
  }

  /** The last `limit` entries, oldest first; a line that was cut off by a crash is left out. */
  async read(limit: number): Promise<JournalEntry[]> {
    await this.#tail;
    const current = parseJournal(await textOf(this.#path));
    if (current.length >= limit) return current.slice(-limit);
    return [...parseJournal(await textOf(`${this.#path}.1`)), ...current].slice(-limit);
  }

  async #write(line: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const size = await sizeOf(this.#path);
    if (size > 0 && size + Buffer.byteLength(line) > (this.#options.maxBytes ?? 4 * 1024 * 1024))
      await rename(this.#path, `${this.#path}.1`);
    await appendFile(this.#path, line, { mode: 0o600 });
  }
}

export function parseJournal(text: string): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      entries.push(decode(JournalEntrySchema, JSON.parse(line), 'journal entry'));
    } catch {
      // A power cut can leave half a line; the rest of the journal stays readable.
    }
  }
  return entries;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
