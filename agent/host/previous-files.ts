/**
 * The version of a file before the last change, and what a service last started with; both below the state folder.
 *
 * Invariants: every copy is 0600 whatever the file's own mode is; a restored file has its old owner and mode; a file
 * that was not there before is removed again.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { decode } from '../../shared/protocol/decode.ts';
import { type FileOnDisk, readFileOrNull, readTextOrNull, removeFile, replaceFile } from './files.ts';

const MetaSchema = Type.Union([
  Type.Object({ absent: Type.Literal(true) }),
  Type.Object({ mode: Type.Integer(), uid: Type.Integer(), gid: Type.Integer() }),
]);
const GoodSchema = Type.Object({
  invocationId: Type.String(),
  files: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
});
/** Digests of files by path, as they were when a service came up. */
export type KnownGood = Static<typeof GoodSchema>;

const PRIVATE = { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

export class PreviousFiles {
  readonly #previous: string;
  readonly #good: string;

  constructor(stateFolder: string) {
    this.#previous = join(stateFolder, 'previous');
    this.#good = join(stateFolder, 'known-good');
  }

  /** Keeps what is at `path` now (null: nothing is) as its previous version. */
  async keep(path: string, current: FileOnDisk | null): Promise<void> {
    const copy = this.#copyOf(path);
    const meta =
      current === null ? { absent: true } : { mode: current.mode, uid: current.uid, gid: current.gid };
    if (current !== null) await replaceFile(copy, current.bytes, PRIVATE);
    await replaceFile(`${copy}.meta`, Buffer.from(JSON.stringify(meta)), PRIVATE);
  }

  /** Puts the previous version back; false when there is none. */
  async restore(path: string): Promise<boolean> {
    const copy = this.#copyOf(path);
    const text = await readTextOrNull(`${copy}.meta`);
    if (text === null) return false;
    const meta = decode(MetaSchema, JSON.parse(text), `${copy}.meta`);
    if ('absent' in meta) {
      await removeFile(path);
      return true;
    }
    const kept = await readFileOrNull(copy);
    if (kept === null) return false;
    await replaceFile(path, kept.bytes, meta);
    return true;
  }

  async readKnownGood(unit: string): Promise<KnownGood | null> {
    const text = await readTextOrNull(join(this.#good, `${unit}.json`));
    if (text === null) return null;
    try {
      return decode(GoodSchema, JSON.parse(text), unit);
    } catch {
      return null; // Cut off by a crash: as if it had never been written.
    }
  }

  async writeKnownGood(unit: string, good: KnownGood): Promise<void> {
    await replaceFile(join(this.#good, `${unit}.json`), Buffer.from(JSON.stringify(good)), PRIVATE);
  }

  #copyOf(path: string): string {
    return join(this.#previous, encodeURIComponent(path));
  }
}

export function digestOf(file: FileOnDisk | null): string | null {
  return file === null ? null : createHash('sha256').update(file.bytes).digest('hex');
}
