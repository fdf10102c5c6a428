/** What the commands to a pair's guards share: the agents, who is what by the guards' own words, and the asking. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { GuardState, Heartbeat, VotingState } from '../../shared/model/facts.ts';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { GuardCommand } from '../../shared/protocol/guard-command.ts';
import { closeFleet, type Reached, reachAgents } from '../agents/fleet.ts';
import type { AgentLink } from '../agents/link.ts';
import { audited } from './audited.ts';
import type { Cli } from './frame.ts';

export interface GuardPair {
  readonly cli: Cli;
  readonly spec: HotpairSpec;
  readonly pair: PairSpec;
  readonly reached: readonly [Reached, Reached];
}

const HEARTBEAT_MS = 3000;
/** Longer than agent and guard let a command wait. */
const COMMAND_MS = 8000;

/** Connects to what of the pair answers, and hangs up in the end. */
export async function withPair(
  cli: Cli,
  name: string | undefined,
  work: (pair: GuardPair) => Promise<void>,
): Promise<void> {
  const spec = await cli.loadSpec();
  const pair = cli.pair(spec, name);
  const reached = await reachAgents(spec, pair, { signal: cli.signal });
  try {
    await audited(cli, spec, pair.name, () => work({ cli, spec, pair, reached }));
  } finally {
    closeFleet(reached.flatMap(({ link }) => (link === undefined ? [] : [link])));
  }
}

/** The pair that the host belongs to. Throws AppError NOT_FOUND with the names there are. */
export async function withPairOf(
  cli: Cli,
  host: string,
  work: (pair: GuardPair, link: AgentLink) => Promise<void>,
): Promise<void> {
  const spec = await cli.loadSpec();
  const pair = spec.pairs.find(({ hosts }) => hosts.some(({ name }) => name === host));
  if (pair === undefined) {
    const names = spec.pairs.flatMap(({ hosts }) => hosts.map(({ name }) => name)).join(', ');
    throw new AppError('NOT_FOUND', `There is no host ${host}; the hosts are: ${names}.`);
  }
  await withPair(cli, pair.name, async (found) => await work(found, linkOf(found, host)));
}

/** Throws AppError NOT_FOUND for a name that is not the pair's, and the host's own error when it was not reached. */
export function linkOf({ pair, reached }: GuardPair, host: string): AgentLink {
  const found = reached.find((one) => one.host.name === host);
  if (found === undefined) {
    const names = pair.hosts.map(({ name }) => name).join(', ');
    throw new AppError('NOT_FOUND', `${pair.name} has no host ${host}; its hosts are: ${names}.`);
  }
  if (found.link === undefined) throw found.error;
  return found.link;
}

/** What a host says of itself; null in place of what is not known. */
export interface HostView {
  readonly name: string;
  readonly heartbeat: Heartbeat | null;
  readonly guard: GuardState | null;
  readonly voting: VotingState | null;
}

export async function lookAt(pair: Pick<GuardPair, 'reached'>): Promise<readonly [HostView, HostView]> {
  const [a, b] = pair.reached;
  return await Promise.all([viewOf(a), viewOf(b)]);
}

async function viewOf({ host, link }: Reached): Promise<HostView> {
  const nothing = { name: host.name, heartbeat: null, guard: null, voting: null };
  if (link === undefined) return nothing;
  try {
    const heartbeat = await link.call('heartbeat', {}, { deadlineMs: HEARTBEAT_MS });
    const { guard } = heartbeat;
    return { ...nothing, heartbeat, guard, voting: guard?.voting ?? null };
  } catch {
    return nothing;
  }
}

/** The host that serves, or else the one that the newest record names. Throws AppError PAIR_UNHEALTHY when none does. */
export function primaryOf(pair: PairSpec, views: readonly HostView[]): string {
  const serving = views.find(({ voting }) => /^(PRIMARY|DRAINING)/.test(voting?.phase ?? ''));
  if (serving !== undefined) return serving.name;
  const [newest] = views
    .flatMap(({ voting }) => (voting === null || voting.primary === null ? [] : [voting]))
    .toSorted((a, b) => (b.epoch ?? 0) - (a.epoch ?? 0));
  if (newest?.primary != null) return newest.primary;
  const words = views.map(({ name, guard }) => `${name}: ${guard?.reason ?? 'its guard does not answer'}`);
  throw new AppError(
    'PAIR_UNHEALTHY',
    `Nobody knows who is the primary of ${pair.name} (${words.join('; ')}).`,
  );
}

/** Answers the guard's words. Throws AppError REFUSED with the guard's own reason. */
export async function askGuard(link: AgentLink, command: GuardCommand): Promise<string> {
  const answer = await link.call('guard.command', { command }, { deadlineMs: COMMAND_MS });
  if (answer.accepted) return answer.text;
  throw new AppError('REFUSED', `The guard of ${link.host.name} refused: ${answer.reason}`, {
    data: { host: link.host.name, command: command.kind, reason: answer.reason },
  });
}

/** Of a job: told before it is asked, unless `against` it there is something already. Throws AppError REFUSED. */
export function approveOrder(cli: Cli, what: string, against: string | null): void {
  if (cli.approve === undefined) return; // The guard says it itself.
  if (against !== null) throw new AppError('REFUSED', against);
  cli.approve(what);
}

/** Asks one guard, tells its answer, and makes it the document. */
export async function ordered(cli: Cli, link: AgentLink, command: GuardCommand): Promise<void> {
  const text = await askGuard(link, command);
  cli.output.line(`${cli.output.style.green('✔')} ${text}`);
  cli.output.result({ host: link.host.name, command: command.kind, answer: text });
}

/** `on` or `off`. Throws AppError USAGE. */
export function isOn(word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on';
  throw new AppError('USAGE', `${word}: say on or off.`);
}
