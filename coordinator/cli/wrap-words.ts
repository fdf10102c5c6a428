/** Lines of text broken between words; escape codes take no room. Pure. */

import { stripVTControlCharacters } from 'node:util';

/** Breaks one line so that no part is wider than `columns`, where its words allow it; what follows a break is indented by `hanging`. */
export function wrapWords(text: string, columns: number, hanging: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || widthOf(longer) <= columns) line = longer;
    else {
      lines.push(line.trimEnd());
      line = `${' '.repeat(hanging)}${word.trimStart()}`;
    }
  }
  return [...lines, line].join('\n');
}

export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
