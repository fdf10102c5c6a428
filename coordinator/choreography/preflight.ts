/** Asks the hosts whether a deploy may begin. Touches nothing; all problems are told at once. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { Flavor } from '../../shared/flavor/flavor.ts';
import type { AddressProbeFacts } from '../../shared/model/action-facts.ts';
import { resultOrThrow } from './action-result.ts';
import { type AgentPort, type AgentPorts, holdsVip, isOurs, type PairFacts } from './facts.ts';
import { preflightProblems, type Stranger } from './preflight-problems.ts';

/** Throws PREFLIGHT_FAILED with every problem. */
export async function preflight(ports: AgentPorts, facts: PairFacts, flavor: Flavor): Promise<void> {
  const problems = preflightProblems(facts, flavor, await findStranger(ports, facts));
  if (problems.length === 0) return;
  const lines = problems.map(({ subject, problem, remedy }) => `  ${subject}: ${problem}\n    ${remedy}`);
  throw new AppError(
    'PREFLIGHT_FAILED',
    `The hosts are not ready, nothing was touched:\n${lines.join('\n')}`,
    { data: { problems } },
  );
}

/**
 * While a host of the pair holds the VIP nobody else is asked: the answer would be its own. The address may also come to
 * one between two questions, where an interrupted deploy is gone on with: then what was heard is asked for once more.
 */
async function findStranger(ports: AgentPorts, facts: PairFacts): Promise<Stranger> {
  const ours = facts.hosts.map(isOurs);
  if (facts.hosts.some((picture, index) => ours[index] === true && holdsVip(picture, facts.pair)))
    return null;
  const ask = async (): Promise<Stranger> =>
    strangerAmong(await Promise.all(ports.map((port) => probe(port, facts.pair.vip))), ours);
  const stranger = await ask();
  return stranger === null || !ours.includes(true) ? stranger : await ask();
}

/** `ours`: whether hotpair keeps the server of that host, and with it the VIP that the host answers for. */
export function strangerAmong(answers: readonly AddressProbeFacts[], ours: readonly boolean[]): Stranger {
  if (answers.some(({ own }, index) => own && ours[index] === true)) return null;
  const found = answers.find((answer) => answer.answered);
  if (found === undefined) return null;
  return found.own ? `a host of the pair, on ${found.interface}` : (found.mac ?? 'unknown hardware address');
}

async function probe(port: AgentPort, vip: string): Promise<AddressProbeFacts> {
  const params = { interface: port.host.interface, address: vip };
  const result = await port.action('address-probe', 'plan', params, { deadlineMs: 10_000 });
  // An interface that does not exist is told by interfaceProblems, in better words.
  if (result.error?.code === 'NOT_FOUND')
    return { ...params, answered: false, mac: null, own: false, method: 'neighbour' };
  // The agent answers by the table of facts.
  return resultOrThrow(port.host.name, result).facts as AddressProbeFacts;
}
