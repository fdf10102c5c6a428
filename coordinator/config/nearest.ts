/** "Did you mean": the known word that is nearest to a mistyped one. Pure. */

/** The nearest of `known` within a third of the length in single-letter edits (at least one, at most three). */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  const ranked = known
    .map((candidate) => ({ candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= most)
    .toSorted((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  const table = Array.from({ length: from.length + 1 }, (_, row) => [
    row,
    ...Array<number>(to.length).fill(0),
  ]);
  const cell = (row: number, column: number): number => table[row]?.[column] ?? 0;
  for (let column = 0; column <= to.length; column++) write(table, 0, column, column);
  for (let row = 1; row <= from.length; row++) {
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const edits = [
        cell(row - 1, column) + 1,
        cell(row, column - 1) + 1,
        cell(row - 1, column - 1) + (same ? 0 : 1),
      ];
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) edits.push(cell(row - 2, column - 2) + 1);
      write(table, row, column, Math.min(...edits));
    }
  }
  return cell(from.length, to.length);
}

function write(table: readonly number[][], row: number, column: number, value: number): void {
  const line = table[row];
  if (line !== undefined) line[column] = value;
}
