/** Writes a tar archive (POSIX ustar) as a stream of blocks: a few files and links, no need of a tar program here. */

import { createReadStream } from 'node:fs';
import { AppError } from '../../shared/errors/app-error.ts';

export type TarEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      /** The bytes, or the file that has exactly `size` of them. */
      readonly content: Uint8Array | { readonly file: string };
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const BLOCK = 512;
/** tar reads whole records of 20 blocks. */
const RECORD = 20 * BLOCK;
const READ_SIZE = 1024 * 1024;

export async function* tarStream(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array> {
  let written = 0;
  for (const entry of entries) {
    yield tarHeader(entry);
    written += BLOCK;
    if (entry.kind === 'link') continue;
    yield* contentOf(entry);
    const padding = (BLOCK - (entry.size % BLOCK)) % BLOCK;
    yield new Uint8Array(padding);
    written += entry.size + padding;
  }
  const end = written + 2 * BLOCK;
  yield new Uint8Array(2 * BLOCK + ((RECORD - (end % RECORD)) % RECORD));
}

async function* contentOf(entry: Extract<TarEntry, { kind: 'file' }>): AsyncGenerator<Uint8Array> {
  let size = 0;
  if (entry.content instanceof Uint8Array) {
    size = entry.content.length;
    yield entry.content;
  } else {
    const stream = createReadStream(entry.content.file, { highWaterMark: READ_SIZE });
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      yield chunk;
    }
  }
  if (size !== entry.size)
    throw new AppError(
      'INTERNAL',
      `${entry.path} has ${size} bytes instead of ${entry.size}: it changed meanwhile.`,
    );
}

/** One header block; owner root, time 0 (the receiver sets the time). Paths are at most 100 bytes. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const header = Buffer.alloc(BLOCK);
  put(header, 0, 100, entry.path);
  put(header, 100, 8, octal(entry.kind === 'file' ? entry.mode : 0o777, 7));
  put(header, 108, 8, octal(0, 7));
  put(header, 116, 8, octal(0, 7));
  put(header, 124, 12, octal(entry.kind === 'file' ? entry.size : 0, 11));
  put(header, 136, 12, octal(0, 11));
  put(header, 148, 8, ' '.repeat(8));
  put(header, 156, 1, entry.kind === 'file' ? '0' : '2');
  put(header, 157, 100, entry.kind === 'link' ? entry.target : '');
  put(header, 257, 8, 'ustar\u000000');
  put(header, 265, 32, 'root');
  put(header, 297, 32, 'root');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(header, 148, 8, `${octal(sum, 6)}\u0000 `);
  return header;
}

function put(header: Buffer, at: number, length: number, text: string): void {
  if (Buffer.byteLength(text) > length)
    throw new AppError('INTERNAL', `"${text}" does not fit ${length} bytes of a tar header.`);
  header.write(text, at);
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
