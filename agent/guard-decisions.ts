/**
 * Reads what the guard wrote of its decisions: the file, and the one before it (`.1`). Lines that are not whole (the
 * guard writes on, a crash, a full disk) are left out.
 */

import { readFile } from 'node:fs/promises';
import { type GuardDecision, GuardDecisionSchema } from '../shared/model/guard-decision.ts';
import { fits } from '../shared/protocol/decode.ts';

/** At most `limit` after the decision with the id `after`, oldest first; from the oldest where that one is not there. */
export async function readDecisions(
  path: string,
  after: string | null,
  limit: number,
): Promise<GuardDecision[]> {
  const lines = [...(await linesOf(`${path}.1`)), ...(await linesOf(path))];
  const known = after === null ? -1 : lines.findLastIndex((line) => line.startsWith(`{"id":"${after}",`));
  const found: GuardDecision[] = [];
  for (const line of lines.slice(known + 1)) {
    const decision = parse(line);
    if (decision !== null) found.push(decision);
    if (found.length === limit) break;
  }
  return found;
}

function parse(line: string): GuardDecision | null {
  try {
    const value: unknown = JSON.parse(line);
    return fits(GuardDecisionSchema, value) ? value : null;
  } catch {
    return null;
  }
}

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}
