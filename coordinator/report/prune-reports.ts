/** Keeps the coordinator's own reports folder from growing for ever. Folders that the file names are not its to tidy. */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** More than a year of daily reports. */
export const KEEP_REPORTS = 400;

/** Names of reports begin with their time, so the order of names is the order of age. */
const REPORT_FILE = /^(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-.+)\.(?:txt|html|json)$/;

/** Removes all forms of all but the newest `keep` reports; answers how many reports went. What is no report stays. */
export async function pruneReports(folder: string, keep: number): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const names = files.flatMap((file) => REPORT_FILE.exec(file)?.[1] ?? []);
  const old = new Set([...new Set(names)].sort().slice(0, -keep));
  const theirs = files.filter((file) => old.has(REPORT_FILE.exec(file)?.[1] ?? ''));
  await Promise.all(theirs.map((file) => rm(join(folder, file), { force: true })));
  return old.size;
}
