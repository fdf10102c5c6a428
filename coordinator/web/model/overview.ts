/** The list of pairs: in which order, which of them are asked for, and how many are of each grade. Pure. */

import type { GradeView, PairSummary } from '../../../shared/api/pair-view.ts';

export const GRADES: readonly GradeView[] = ['critical', 'attention', 'undeployed', 'healthy'];

/** Pairs of the same grade by name, so that nothing moves while grades stay. */
export function worstFirst(pairs: readonly PairSummary[]): PairSummary[] {
  return pairs.toSorted(
    (a, b) => GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade) || a.name.localeCompare(b.name),
  );
}

/** Those whose name, hosts, VIP or headline have every word of the text. */
export function findPairs(pairs: readonly PairSummary[], text: string): PairSummary[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return pairs.filter(({ name, hostNames, vip, headline, translations }) => {
    const all = [name, ...hostNames, vip, headline, translations.zh.headline].join(' ').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

export function countGrades(
  pairs: readonly PairSummary[],
): readonly { readonly grade: GradeView; readonly count: number }[] {
  return GRADES.map((grade) => ({ grade, count: pairs.filter((pair) => pair.grade === grade).length }));
}
