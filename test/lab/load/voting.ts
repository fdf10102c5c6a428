/** What the guards of a pair say of its votes, through the status file of each host. */

import { readFile } from 'node:fs/promises';
import type { GuardState } from '../../../shared/model/facts.ts';
import { HOST_PATHS } from '../../../shared/model/paths.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import type { LabHost } from '../lab.ts';
import { type PairUnderTest, pairProblems } from './pair-under-test.ts';

export async function readGuardStatus(host: LabHost): Promise<GuardState | undefined> {
  try {
    // Written whole by the guard, and by nobody else.
    return JSON.parse(await readFile(`${host.root}${HOST_PATHS.guardStatus}`, 'utf8')) as GuardState;
  } catch {
    return undefined; // off, booting, or without a guard
  }
}

/** Waits until the pair is whole, and in the state in which it may lose a host; throws with what is wrong. */
export async function waitUntilSync(
  pair: PairUnderTest,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<void> {
  let problems: string[] = [];
  const probe = async (): Promise<true | undefined> => {
    problems = [...(await votingProblems(pair.hosts)), ...(await pairProblemsNow(pair))];
    return problems.length === 0 || undefined;
  };
  const options = { deadlineMs, intervalMs: 100, ...(signal === undefined ? {} : { signal }) };
  await waitFor('the pair', probe, options).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Error(`the pair is not whole: ${problems.join('; ')}`, { cause: error });
  });
}

/** Waits until each of the three has one vote, and the primary hears the two others (a standby asks for nothing). */
export async function waitUntilAllVote(
  pair: PairUnderTest,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<void> {
  const allVote = async (): Promise<true | undefined> => {
    const states = await Promise.all(pair.hosts.map(readGuardStatus));
    const voting = states.flatMap((status) => status?.voting ?? []);
    const equal = voting.filter(({ votes }) => Object.values(votes).every((one) => one === 1));
    const heard = equal.some(({ leased, hears }) => leased && hears.peer && hears.witness);
    return (equal.length === states.length && heard) || undefined;
  };
  await waitFor('three voters with a vote each', allVote, { deadlineMs, intervalMs: 100, signal });
}

/** A host may go away while it is asked. */
async function pairProblemsNow(pair: PairUnderTest): Promise<string[]> {
  try {
    return await pairProblems(pair);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** What the votes say against losing a host now. */
async function votingProblems(hosts: readonly LabHost[]): Promise<string[]> {
  const states = await Promise.all(
    hosts.map(async (host) => ({ host, voting: (await readGuardStatus(host))?.voting })),
  );
  return states.flatMap(({ host, voting }) => {
    if (voting == null) return [`the guard on ${host.name} does not vote`];
    const problems = voting.mode === 'sync' ? [] : [`${host.name} knows the mode ${voting.mode}`];
    if (voting.primary !== host.name && !voting.promotable) problems.push(`${host.name} is not promotable`);
    return problems;
  });
}
