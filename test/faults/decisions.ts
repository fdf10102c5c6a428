/** What the guards of a pair wrote down of their decisions since a moment, from the hosts' own files. */

import { readFile } from 'node:fs/promises';
import type { StoredDecision } from '../../coordinator/store/decisions.ts';
import type { GuardDecision } from '../../shared/model/guard-decision.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { LabHost } from '../lab/lab.ts';
import { monotonicOfWall } from '../lab/load/clock.ts';

/** Times are monotonicMs(); a host that is off, or lost its file with the power, says nothing. */
export async function readDecisions(hosts: readonly LabHost[], since: number): Promise<StoredDecision[]> {
  return (await Promise.all(hosts.map((host) => decisionsOn(host, since)))).flat();
}

async function decisionsOn(host: LabHost, since: number): Promise<StoredDecision[]> {
  if (!host.running) return [];
  // The file before the last one, where it was put aside in between.
  const paths = [`${HOST_PATHS.decisions}.1`, HOST_PATHS.decisions];
  const texts = await Promise.all(
    paths.map((path) => readFile(`${host.root}${path}`, 'utf8').catch(() => '')),
  );
  return texts
    .flatMap((text) => text.split('\n').flatMap(parseLine))
    .map((decision) => ({ host: host.name, time: monotonicOfWall(decision.at), decision }))
    .filter(({ time }) => time >= since);
}

/** A line that was torn by a power loss is left out. */
function parseLine(line: string): GuardDecision[] {
  try {
    return [JSON.parse(line) as GuardDecision]; // The guard's own, and nobody else's.
  } catch {
    return [];
  }
}
