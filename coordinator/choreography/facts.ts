/** What the two hosts say about themselves: read by calls that change nothing, judged by pure predicates. */

import type { Flavor } from '../../shared/flavor/flavor.ts';
import { type Heartbeat, type HostFacts, HostFactsSchema } from '../../shared/model/facts.ts';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { decode } from '../../shared/protocol/decode.ts';
import type { AgentLink } from '../agents/link.ts';
import { resultOrThrow } from './action-result.ts';

/** The part of an agent's link that the choreography uses. */
export type AgentPort = Pick<AgentLink, 'host' | 'action' | 'call'>;
export type AgentPorts = readonly [AgentPort, AgentPort];

export interface HostPicture {
  readonly spec: HostSpec;
  readonly heartbeat: Heartbeat;
  readonly host: HostFacts;
  /** Clock of the host minus clock of the coordinator, ms; the coordinator's is taken in the middle of the call. */
  readonly clockOffsetMs: number;
}

export interface PairFacts {
  readonly pair: PairSpec;
  readonly hosts: readonly [HostPicture, HostPicture];
}

const CALL_MS = 10_000;

export async function readPairFacts(ports: AgentPorts, pair: PairSpec, flavor: Flavor): Promise<PairFacts> {
  const [a, b] = ports;
  return { pair, hosts: await Promise.all([readHost(a, flavor), readHost(b, flavor)]) };
}

/** The heartbeats anew, the rest as it was: enough for everything that changes by itself. */
export async function refreshFacts(ports: AgentPorts, facts: PairFacts): Promise<PairFacts> {
  const refresh = async (port: AgentPort, before: HostPicture): Promise<HostPicture> => ({
    ...before,
    heartbeat: await port.call('heartbeat', {}, { deadlineMs: CALL_MS }),
  });
  const [a, b] = facts.hosts;
  return { pair: facts.pair, hosts: await Promise.all([refresh(ports[0], a), refresh(ports[1], b)]) };
}

/** The facts of the hosts beside heartbeats that are there already. */
export async function completeFacts(ports: AgentPorts, facts: PairFacts, flavor: Flavor): Promise<PairFacts> {
  const complete = async (port: AgentPort, before: HostPicture): Promise<HostPicture> => ({
    ...before,
    ...(await readHostFacts(port, flavor)),
  });
  const [a, b] = facts.hosts;
  return { pair: facts.pair, hosts: await Promise.all([complete(ports[0], a), complete(ports[1], b)]) };
}

async function readHost(port: AgentPort, flavor: Flavor): Promise<HostPicture> {
  const [heartbeat, { host, clockOffsetMs }] = await Promise.all([
    port.call('heartbeat', {}, { deadlineMs: CALL_MS }),
    readHostFacts(port, flavor),
  ]);
  return { spec: port.host, heartbeat, host, clockOffsetMs };
}

async function readHostFacts(port: AgentPort, flavor: Flavor) {
  const started = Date.now();
  const result = await port.action(
    'host-read',
    'plan',
    {
      packages: [...flavor.packages],
      paths: [flavor.dataFolder, HOST_PATHS.serverUnitDropIn, HOST_PATHS.pairRecord],
      disks: ['/', '/var/lib'],
    },
    { deadlineMs: CALL_MS },
  );
  const { facts } = resultOrThrow(port.host.name, result);
  const host = decode(HostFactsSchema, facts, `facts of ${port.host.name}`, 'INTERNAL');
  return { host, clockOffsetMs: host.time - (started + Date.now()) / 2 };
}

/** hotpair has begun to deploy this host before: what is on it is hotpair's. */
export function isOurs(picture: HostPicture): boolean {
  return picture.host.paths[HOST_PATHS.serverUnitDropIn] === true;
}

export function serviceOf(heartbeat: Heartbeat, unit: string): string {
  return heartbeat.services.find((service) => service.unit === unit)?.active ?? 'absent';
}

/** Its guard has a part in the pair. */
export function hasVoted({ host }: HostPicture): boolean {
  return host.paths[HOST_PATHS.pairRecord] === true;
}

/** Neither host has ever voted, or not any more: what the witness remembers is of another pair. */
export function isUnfounded({ hosts }: PairFacts): boolean {
  return hosts.every(({ host }) => host.paths[HOST_PATHS.pairRecord] === false);
}

export function guardRuns(picture: HostPicture): boolean {
  return serviceOf(picture.heartbeat, 'hotpair-guard.service') === 'active';
}

export function holdsVip(picture: HostPicture, pair: PairSpec): boolean {
  return picture.heartbeat.addresses.some(({ address }) => address === pair.vip);
}

export function replicates(picture: HostPicture): boolean {
  const channel = picture.heartbeat.database.channel;
  return channel !== null && channel.ioRunning === 'Yes' && channel.sqlRunning;
}

/** Index of the host that serves (0 or 1); null while none does. */
export function primaryIndex(facts: PairFacts): 0 | 1 | null {
  const [a, b] = facts.hosts.map((picture) => holdsVip(picture, facts.pair));
  if (a === b) return null;
  return a === true ? 0 : 1;
}

/** What keeps the pair from being a serving pair with a standby; null when it is one. */
export function unhealthy(facts: PairFacts): string | null {
  const primary = primaryIndex(facts);
  const holders = facts.hosts.filter((picture) => holdsVip(picture, facts.pair)).length;
  if (primary === null)
    return holders === 0
      ? `the VIP ${facts.pair.vip} is on no host${reasons(facts)}`
      : `the VIP ${facts.pair.vip} is on both hosts`;
  for (const [index, picture] of facts.hosts.entries()) {
    const problem = hostProblem(picture, index === primary ? 'primary' : 'standby');
    if (problem !== null) return `${picture.spec.name}: ${problem}`;
  }
  return null;
}

function hostProblem(picture: HostPicture, role: 'primary' | 'standby'): string | null {
  const { database, guard } = picture.heartbeat;
  // What a guard that has just ended wrote last still counts as fresh for two seconds.
  if (guard === null || !guardRuns(picture)) return 'the guard does not run';
  if (!database.up)
    return `the server does not answer${database.error === null ? '' : ` (${database.error})`}`;
  if (guard.role !== role) return `the guard says ${guard.role} (${guard.reason}), expected is ${role}`;
  if (database.readOnly !== (role === 'standby'))
    return database.readOnly === true ? 'the primary is read-only' : 'the standby is writable';
  const { voting } = guard;
  if (role === 'primary' && voting?.phase !== 'PRIMARY_SYNC')
    return 'its commits do not wait for the standby yet';
  if (role === 'standby' && voting?.promotable !== true)
    return 'it has not yet received all that the primary has';
  if (!replicates(picture)) return `replication does not run${channelWords(picture)}`;
  return null;
}

function channelWords(picture: HostPicture): string {
  const channel = picture.heartbeat.database.channel;
  if (channel === null) return ' (not configured)';
  const words = channel.ioError || channel.sqlError;
  return ` (IO ${channel.ioRunning}, SQL ${channel.sqlRunning ? 'Yes' : 'No'}${words === '' ? '' : `: ${words}`})`;
}

function reasons(facts: PairFacts): string {
  const words = facts.hosts.flatMap(({ spec, heartbeat }) =>
    heartbeat.guard === null ? [] : [`${spec.name}: ${heartbeat.guard.reason}`],
  );
  return words.length === 0 ? '' : ` (${words.join('; ')})`;
}
