/** Options and pauses of the local server's starts. */

import { HOST_PATHS } from '../../../shared/model/paths.ts';
import { writeRunFile } from '../run-file.ts';

const PAUSES_MS = [0, 1000, 5000, 10_000, 30_000, 60_000] as const;

/** The role is for one start: left behind, it would drop acknowledged rows at a start that somebody else makes. */
export function writeOptions(options: string): void {
  writeRunFile(HOST_PATHS.serverEnvironment, `MYSQLD_OPTS="${options}"\n`);
}

export function pauseMs(attempt: number): number {
  return PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 0;
}
