/** A line of text cut to the width of the screen; colours take no room and end with the line. Pure. */

const PARTS = /\p{Cc}\[[0-9;]*m|\P{Cc}/gu;
const RESET = '\x1b[0m';

export function cutLine(line: string, columns: number): string {
  const parts = line.match(PARTS) ?? [];
  const isColour = (part: string): boolean => part.startsWith('\x1b');
  if (parts.filter((part) => !isColour(part)).length <= columns) return parts.join('');
  let room = columns - 1;
  const kept = parts.filter((part) => isColour(part) || room-- > 0);
  return `${kept.join('')}…${kept.some(isColour) ? RESET : ''}`;
}
