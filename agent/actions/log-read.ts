/** log-read: the last lines of the journal, or of one file below /var/log. */

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import type { LogLine } from '../../shared/model/action-facts.ts';
import { assertNoLink, isPlainAbsolute } from '../host/files.ts';
import { readUnitLog } from '../host/services.ts';
import { defineAction } from './action.ts';

/** Most bytes that are read from the end of a file. */
const TAIL_BYTES = 1024 * 1024;
/** Longest message that is passed on. */
const LONGEST_LINE = 8192;

export const logRead = defineAction<'log-read', readonly LogLine[]>({
  resources: () => [],
  async check(host, params) {
    if (params.file !== undefined) return await readLogFile(params.file, params.lines);
    const limits = params.since === undefined ? {} : { since: params.since };
    const records = await readUnitLog(host, params.units ?? [], params.lines, limits);
    return records.map(({ time, unit, priority, message }) => ({
      time,
      source: unit,
      priority,
      message: message.slice(0, LONGEST_LINE),
    }));
  },
  facts: (lines) => ({ lines }),
});

async function readLogFile(path: string, count: number): Promise<readonly LogLine[]> {
  if (!isPlainAbsolute(path) || !path.startsWith('/var/log/'))
    throw new AppError('PATH_REFUSED', `${path} was refused: only plain paths below /var/log are read.`);
  await assertNoLink(path);
  const text = await readTail(path);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.slice(-count).map((message) => ({
    time: null,
    source: path,
    priority: null,
    message: message.slice(0, LONGEST_LINE),
  }));
}

async function readTail(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw new AppError('NOT_FOUND', `${path} cannot be read: ${String(error)}`, { cause: error });
  });
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    // The first line of a tail is cut somewhere in the middle.
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}
