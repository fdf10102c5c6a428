/**
 * The agents of one pair: connected as they are (openFleet, reachAgents), or brought to this coordinator's build first
 * (ensureAgents), both hosts at the same time. Where the agents are right already no ssh is used.
 */

import { type AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { HostSpec, HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { ensureAgent } from './bootstrap.ts';
import { type AgentLink, connectAgent } from './link.ts';
import { loadOrCreatePki } from './pki.ts';

export interface FleetOptions {
  readonly onProgress?: (host: string, message: string) => void;
  readonly signal?: AbortSignal;
  /** Longest wait for one connection, ms; default 5000. */
  readonly connectMs?: number;
}

export type Fleet = readonly [AgentLink, AgentLink];

/** What became of one host when the agents of a pair were called. */
export type Reached =
  | { readonly host: HostSpec; readonly link: AgentLink; readonly error?: never }
  | { readonly host: HostSpec; readonly error: AppError; readonly link?: never };

const CONNECT_MS = 5000;

/** Connects to both agents; each host's answer stands alone, so that a status can be told with one host down. */
export async function reachAgents(
  spec: HotpairSpec,
  pair: PairSpec,
  options: FleetOptions = {},
): Promise<readonly [Reached, Reached]> {
  const pki = await loadOrCreatePki(spec.coordinator.data);
  return bothHosts(pair, (host) =>
    settle(
      host,
      connectAgent(host, {
        identity: pki.clientIdentity(),
        port: spec.coordinator.agentPort,
        deadlineMs: options.connectMs ?? CONNECT_MS,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    ),
  );
}

/** Connects to both agents and installs nothing. Throws the first host's error when one cannot be connected to. */
export async function openFleet(
  spec: HotpairSpec,
  pair: PairSpec,
  options: FleetOptions = {},
): Promise<Fleet> {
  return allOrNothing(await reachAgents(spec, pair, options));
}

/** Installs or upgrades the agents where needed, then connects to both. */
export async function ensureAgents(
  spec: HotpairSpec,
  pair: PairSpec,
  options: FleetOptions = {},
): Promise<Fleet> {
  const pki = await loadOrCreatePki(spec.coordinator.data);
  const reached = await bothHosts(pair, (host) =>
    settle(
      host,
      ensureAgent(spec, host, pki, {
        onProgress: (message) => options.onProgress?.(host.name, message),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }).then(({ link }) => link),
    ),
  );
  return allOrNothing(reached);
}

/**
 * Takes the pair for a change on both agents, in the order of the file so that two coordinators never wait for each
 * other. Throws PAIR_BUSY with the holder's name. The returned function gives the pair back and never throws.
 */
export async function claimPair(links: Fleet, pair: PairSpec, owner: string): Promise<() => Promise<void>> {
  const taken: AgentLink[] = [];
  const release = async (): Promise<void> => {
    const calls = taken
      .splice(0)
      .map((link) => link.call('release', { pair: pair.name }, { deadlineMs: CONNECT_MS }));
    // A connection that has ended gave the claim back by itself.
    await Promise.allSettled(calls);
  };
  try {
    for (const link of links) {
      await link.call('claim', { pair: pair.name, owner }, { deadlineMs: CONNECT_MS });
      taken.push(link);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

export function closeFleet(links: readonly AgentLink[]): void {
  for (const link of links) link.close();
}

function bothHosts(pair: PairSpec, work: (host: HostSpec) => Promise<Reached>): Promise<[Reached, Reached]> {
  return Promise.all([work(pair.hosts[0]), work(pair.hosts[1])]);
}

async function settle(host: HostSpec, link: Promise<AgentLink>): Promise<Reached> {
  try {
    return { host, link: await link };
  } catch (error) {
    return { host, error: toAppError(error) };
  }
}

/** Both links, or the first error after the other link is closed. */
function allOrNothing(reached: readonly [Reached, Reached]): Fleet {
  const [first, second] = reached;
  if (first.link !== undefined && second.link !== undefined) return [first.link, second.link];
  closeFleet(reached.flatMap(({ link }) => (link === undefined ? [] : [link])));
  throw first.error ?? second.error;
}
