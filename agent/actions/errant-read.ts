/** errant-read: a piece of a file that errant-save has written, for whoever keeps a copy of it elsewhere. */

import { open } from 'node:fs/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import type { FilePiece } from '../../shared/model/action-facts.ts';
import { defineAction } from './action.ts';
import { errantFile } from './errant-save.ts';

/** As base64 well below the largest message. */
const PIECE_BYTES = 1024 * 1024;

export const errantRead = defineAction<'errant-read', FilePiece>({
  resources: () => [],
  async check(_host, { name, offset }) {
    const path = errantFile(name);
    const file = await open(path, 'r').catch((error: unknown) => {
      throw new AppError('NOT_FOUND', `${path} cannot be read: ${String(error)}`, { cause: error });
    });
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, offset);
      const { size } = await file.stat();
      const next = offset + bytesRead;
      return {
        data: buffer.toString('base64', 0, bytesRead),
        next: next < size && bytesRead > 0 ? next : null,
      };
    } finally {
      await file.close();
    }
  },
  facts: (piece) => piece,
});
