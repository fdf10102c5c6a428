/** A unified diff of two texts, for people; long ones are cut. Pure. */

import { createTwoFilesPatch } from 'diff';

const MOST_LINES = 200;

export function fileDiff(path: string, before: string | null, after: string | null): string {
  const patch = createTwoFilesPatch(
    before === null ? '/dev/null' : path,
    after === null ? '/dev/null' : path,
    before ?? '',
    after ?? '',
    undefined,
    undefined,
    { context: 2 },
  );
  const lines = patch.split('\n').filter((line) => !/^(Index: |={67}$)/.test(line));
  if (lines.length <= MOST_LINES) return lines.join('\n');
  return `${lines.slice(0, MOST_LINES).join('\n')}\n[${lines.length - MOST_LINES} more lines]`;
}
