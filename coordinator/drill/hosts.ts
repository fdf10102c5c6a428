/** What a drill asks of the two hosts and does to them. Every call has a deadline. */

import type { Address, Heartbeat } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import type { ActionName, ActionParams, ActionResult } from '../../shared/protocol/actions.ts';
import { resultOrThrow } from '../choreography/action-result.ts';
import { bareFacts } from '../choreography/bare-facts.ts';
import { type AgentPort, type AgentPorts, type PairFacts, unhealthy } from '../choreography/facts.ts';
import type { AddressPicture } from './judge.ts';

const SERVER_UNIT = 'mariadb.service';
const READ_MS = 10_000;
const STOP_MS = 90_000;
/** A drill of some minutes; sql-read gives no more at once. */
const MOST_ROWS = 10_000;
/** A pair whose standby is further behind is not healthy enough to lose its primary on purpose. */
const MOST_LAG_SECONDS = 2;

export async function readHeartbeats(ports: AgentPorts): Promise<[Heartbeat, Heartbeat]> {
  const [a, b] = ports;
  const read = (port: AgentPort): Promise<Heartbeat> => port.call('heartbeat', {}, { deadlineMs: READ_MS });
  return Promise.all([read(a), read(b)]);
}

/** What keeps the pair from being healthy, one sentence; null when it is. */
export function problemOf(pair: PairSpec, heartbeats: readonly [Heartbeat, Heartbeat]): string | null {
  const facts = factsOf(pair, heartbeats);
  const problem = unhealthy(facts);
  if (problem !== null) return problem;
  const behind = heartbeats.find((one) => (one.database.channel?.secondsBehind ?? 0) > MOST_LAG_SECONDS);
  if (behind === undefined) return null;
  return `${behind.host}: it is ${behind.database.channel?.secondsBehind} s behind`;
}

export function factsOf(pair: PairSpec, heartbeats: readonly [Heartbeat, Heartbeat]): PairFacts {
  const bare = bareFacts(pair);
  return {
    pair,
    hosts: [
      { ...bare.hosts[0], heartbeat: heartbeats[0] },
      { ...bare.hosts[1], heartbeat: heartbeats[1] },
    ],
  };
}

export async function readAddresses(ports: AgentPorts): Promise<AddressPicture> {
  const read = async (port: AgentPort): Promise<[string, readonly Address[]]> => {
    const { facts } = await perform(port, 'plan', 'address-read', {}, READ_MS);
    return [port.host.name, (facts as { readonly addresses: readonly Address[] }).addresses];
  };
  return Object.fromEntries(await Promise.all(ports.map(read)));
}

/** The file keeps the guard from starting the server again; the guard looks for it when it finds the server down. */
export async function holdServer(port: AgentPort, why: string): Promise<void> {
  const params = { path: HOST_PATHS.holdServer, content: `${why}\n`, mode: 0o644 };
  await perform(port, 'apply', 'file-ensure', params, READ_MS);
}

export async function stopServer(port: AgentPort): Promise<void> {
  await perform(port, 'apply', 'service-ensure', { unit: SERVER_UNIT, running: false }, STOP_MS);
}

/** From here on the guard starts the server by itself. Answers whether it was held. */
export async function releaseServer(port: AgentPort): Promise<boolean> {
  const result = await perform(port, 'apply', 'file-absent', { path: HOST_PATHS.holdServer }, READ_MS);
  return result.outcome === 'changed';
}

export async function isHeld(port: AgentPort): Promise<boolean> {
  const result = await perform(port, 'plan', 'file-absent', { path: HOST_PATHS.holdServer }, READ_MS);
  return result.outcome === 'planned';
}

/** Numbers of the rows of this token that the host has. */
export async function readRows(port: AgentPort, token: string): Promise<ReadonlySet<number>> {
  // The token is made of letters, digits and dashes.
  const query = `SELECT SUBSTRING_INDEX(token, '-', -1) AS n FROM hotpair.verify WHERE token LIKE '${token}-%'`;
  const { facts } = await perform(port, 'plan', 'sql-read', { query, rowLimit: MOST_ROWS }, READ_MS);
  const { rows } = facts as { readonly rows: readonly Readonly<Record<string, unknown>>[] };
  return new Set(rows.map((one) => Number(one['n'])));
}

async function perform<N extends ActionName>(
  port: AgentPort,
  mode: 'plan' | 'apply',
  name: N,
  params: ActionParams<N>,
  deadlineMs: number,
): Promise<ActionResult> {
  return resultOrThrow(port.host.name, await port.action(name, mode, params, { deadlineMs }));
}
