/** Everything that a deploy puts onto a host, but its data: for a host that has lost more than those. Starts no server. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { HostFacts } from '../../shared/model/facts.ts';
import type { AgentLink } from '../agents/link.ts';
import { resultOrThrow } from '../choreography/action-result.ts';
import { perform } from '../choreography/observe.ts';
import type { HostView, Step, StepCall } from '../choreography/step.ts';
import { guardStep, keepalivedStep } from '../choreography/steps/failover.ts';
import { packagesStep, unitsStep } from '../choreography/steps/packages.ts';
import { serverStep } from '../choreography/steps/server.ts';
import { factsOf } from './errant.ts';

interface Ways {
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
}

export async function furnish(link: AgentLink, view: HostView, ways: Ways): Promise<void> {
  for (const step of [unitsStep, packagesStep]) await performStep(link, step, view, ways);
  const files = serverStep.calls(view).filter(({ action }) => action === 'file-ensure');
  await performCalls(link, files, ways);
  await performStep(link, keepalivedStep, view, ways);
}

/** Last: from here on the host votes, and its guard follows the primary. */
export async function startGuard(link: AgentLink, view: HostView, ways: Ways): Promise<void> {
  await performStep(link, guardStep, view, ways);
}

/** A server does not read what a newer one has written. Throws REFUSED. */
export async function sameServer(own: AgentLink, primary: AgentLink, name: string): Promise<void> {
  const [here, there] = await Promise.all([own, primary].map((link) => installed(link, name)));
  if (here === there) return;
  throw new AppError(
    'REFUSED',
    `${name} is ${here ?? 'absent'} on ${own.host.name} and ${there ?? 'absent'} on ${primary.host.name}: bring both to the same version first.`,
  );
}

async function installed(link: AgentLink, name: string): Promise<string | null> {
  const facts = (await factsOf(link, 'host-read', { packages: [name] })) as HostFacts;
  return facts.packages[name] ?? null;
}

function performStep(link: AgentLink, step: Step, view: HostView, ways: Ways): Promise<void> {
  return performCalls(link, step.calls(view), ways);
}

export async function performCalls(link: AgentLink, calls: readonly StepCall[], ways: Ways): Promise<void> {
  for (const call of calls) resultOrThrow(link.host.name, await perform(link, call, 'apply', ways));
}
