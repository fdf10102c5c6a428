/**
 * Reads the raw TAP of a tap run line by line: one report per test file, and the counts. Counted are the test(...) blocks
 * of each file; a file that has none (it crashed, or skipped itself) counts as one. Pure.
 */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface FileReport extends Counts {
  readonly file: string;
  readonly ok: boolean;
  /** Seconds, as tap measured them. */
  readonly seconds: number;
  /** Why tests were skipped, each reason once. */
  readonly skipReasons: readonly string[];
  /** The failed points with their diagnosis, as tap wrote them. */
  readonly failures: readonly string[];
}

export const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** `12 passed, 0 failed`, with the skipped ones where there are any. */
export function countsText({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

const POINT = /^( *)(not )?ok \d+(?: - (.*?))?(?: # (SKIP|TODO|time=)\s?(.*))?$/i;

/** Feed it line by line; it answers a report whenever a line ends a file. tap's own diagnosis of a file, which follows, is left out. */
export function createTapReader(): (line: string) => FileReport | undefined {
  let file = emptyFile();
  let diagnosisIndent: number | undefined;
  let keep = false;
  return (line) => {
    if (diagnosisIndent === undefined && /^ +---$/.test(line)) diagnosisIndent = line.length - 3;
    if (diagnosisIndent !== undefined) {
      if (keep) file.failures.push(line);
      if (line === `${' '.repeat(diagnosisIndent)}...`) diagnosisIndent = undefined;
      return undefined;
    }
    const point = POINT.exec(line);
    if (point === null) return undefined;
    const depth = (point[1] ?? '').length / 4;
    keep = point[2] !== undefined && depth > 0;
    if (keep) file.failures.push(line);
    if (depth === 1) count(file, point);
    if (depth !== 0) return undefined;
    const report = closeFile(file, point);
    file = emptyFile();
    return report;
  };
}

interface OpenFile {
  passed: number;
  failed: number;
  skipped: number;
  readonly skipReasons: Set<string>;
  readonly failures: string[];
}

function emptyFile(): OpenFile {
  return { ...NOTHING, skipReasons: new Set(), failures: [] };
}

function count(file: OpenFile, [, , failed, , directive, rest]: RegExpExecArray): void {
  if (directive?.toUpperCase() === 'SKIP' || directive?.toUpperCase() === 'TODO') {
    file.skipped++;
    file.skipReasons.add(rest ?? '');
  } else if (failed === undefined) file.passed++;
  else file.failed++;
}

function closeFile(file: OpenFile, point: RegExpExecArray): FileReport {
  const [, , failed, name = '', directive, rest = ''] = point;
  const ownCount = failed === undefined ? file.passed + file.failed + file.skipped : file.failed;
  if (ownCount === 0) count(file, point);
  if (failed !== undefined && file.failures.length === 0)
    file.failures.push('it ended without a failed test; its own words are above');
  return {
    file: name,
    ok: failed === undefined,
    ...{ passed: file.passed, failed: file.failed, skipped: file.skipped },
    seconds: directive === 'time=' ? Number.parseFloat(rest) / 1000 : 0,
    skipReasons: [...file.skipReasons],
    failures: file.failures,
  };
}
