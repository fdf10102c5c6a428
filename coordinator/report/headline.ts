/** The verdict in one line, in any language. Pure. */

import { sentencesOf } from './findings.ts';
import type { Grade, HealthReport, PairReport } from './health-report.ts';
import type { ReportWords } from './words.ts';

type JudgedPair = Pick<PairReport, 'pair' | 'vip' | 'grade' | 'findings' | 'primary' | 'hosts'>;

export function pairHeadline(report: JudgedPair, words: ReportWords): string {
  const { pair, vip, grade, findings, primary, hosts } = report;
  const [first, ...more] = findings;
  if (first === undefined) {
    const standby = hosts.find(({ name }) => name !== primary)?.name;
    return words.headline.healthy(pair, String(primary), vip, String(standby));
  }
  const { detail } = sentencesOf(words.findings, first);
  const subject = first.subject === pair ? null : first.subject;
  return words.headline.trouble(grade, pair, subject, detail, more.length);
}

/** Of one pair its own; of several the worst, and which are how. */
export function reportHeadline(
  { grade, pairs }: Pick<HealthReport, 'grade' | 'pairs'>,
  words: ReportWords,
): string {
  const [only, second] = pairs;
  if (only !== undefined && second === undefined) return pairHeadline(only, words);
  const of = (one: Grade): string[] => pairs.filter((report) => report.grade === one).map(({ pair }) => pair);
  const names = { healthy: of('healthy'), attention: of('attention'), critical: of('critical') };
  return words.headline.all(grade, pairs.length, names);
}
