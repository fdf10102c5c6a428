/** Reads a stream as lines of JSON, each of bounded length. */

import { AppError } from '../errors/app-error.ts';

/** Yields one value a line; empty lines are left out. Throws MALFORMED_FRAME for a line that is too long or not JSON. */
export async function* readJsonLines(
  stream: AsyncIterable<Uint8Array | string>,
  maxLength: number,
): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of stream) {
    pending += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield parseLine(line, maxLength);
    if (pending.length > maxLength) throw tooLong(maxLength);
  }
  if (pending.trim() !== '') yield parseLine(pending, maxLength);
}

function parseLine(line: string, maxLength: number): unknown {
  if (line.length > maxLength) throw tooLong(maxLength);
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new AppError('MALFORMED_FRAME', `A line is not JSON: ${line.slice(0, 200)}`, { cause: error });
  }
}

const tooLong = (maxLength: number): AppError =>
  new AppError('MALFORMED_FRAME', `A line is longer than ${maxLength} characters.`);
