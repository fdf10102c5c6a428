/** The state of one pair as its hosts tell it. Reads only; a host that does not answer is told as such. */

import { type AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { closeFleet, type Reached } from '../agents/fleet.ts';
import { bareFacts } from './bare-facts.ts';
import { type PairFacts, unhealthy } from './facts.ts';

export interface HostStatus {
  readonly name: string;
  readonly address: string;
  /** null while the agent does not answer. */
  readonly heartbeat: Heartbeat | null;
  readonly error: string | null;
}

export interface PairStatus {
  readonly pair: string;
  readonly vip: string;
  readonly healthy: boolean;
  /** What keeps the pair from being healthy; null when it is. */
  readonly problem: string | null;
  readonly primary: string | null;
  /** none: only the guards keep clients away from a server that may not serve. */
  readonly fence: PairSpec['fence'];
  readonly hosts: readonly HostStatus[];
}

const HEARTBEAT_MS = 5000;

async function readStatus(pair: PairSpec, reached: readonly [Reached, Reached]): Promise<PairStatus> {
  const [a, b] = await Promise.all([readHost(reached[0]), readHost(reached[1])]);
  return judgeStatus(pair, [a, b]);
}

export interface StatusReader {
  read(): Promise<PairStatus>;
  close(): void;
}

/** Reads again and again over the same connections; after a host did not answer, over new ones. */
export function createStatusReader(
  pair: PairSpec,
  reach: () => Promise<readonly [Reached, Reached]>,
): StatusReader {
  let kept: readonly [Reached, Reached] | null = null;
  const close = (): void => {
    closeFleet((kept ?? []).flatMap(({ link }) => (link === undefined ? [] : [link])));
    kept = null;
  };
  return {
    async read() {
      kept ??= await reach();
      const status = await readStatus(pair, kept);
      if (status.hosts.some(({ heartbeat }) => heartbeat === null)) close();
      return status;
    },
    close,
  };
}

async function readHost(reached: Reached): Promise<HostStatus> {
  const { name, address } = reached.host;
  const failed = (error: AppError): HostStatus => ({ name, address, heartbeat: null, error: error.message });
  if (reached.link === undefined) return failed(reached.error);
  try {
    const heartbeat = await reached.link.call('heartbeat', {}, { deadlineMs: HEARTBEAT_MS });
    return { name, address, heartbeat, error: null };
  } catch (error) {
    return failed(toAppError(error));
  }
}

export function judgeStatus(pair: PairSpec, hosts: readonly [HostStatus, HostStatus]): PairStatus {
  const holders = hosts.filter(({ heartbeat }) => holds(heartbeat, pair.vip));
  const silent = hosts.find(({ heartbeat }) => heartbeat === null);
  const problem =
    silent === undefined ? unhealthy(factsOf(pair, hosts)) : `the agent on ${silent.name} does not answer`;
  const [only, second] = holders;
  return {
    pair: pair.name,
    vip: `${pair.vip}/${pair.vipPrefix}`,
    healthy: problem === null,
    problem,
    primary: second === undefined ? (only?.name ?? null) : null,
    fence: pair.fence,
    hosts,
  };
}

function factsOf(pair: PairSpec, [a, b]: readonly [HostStatus, HostStatus]): PairFacts {
  const bare = bareFacts(pair);
  const [one, two] = bare.hosts;
  return {
    pair,
    hosts: [
      { ...one, heartbeat: a.heartbeat ?? one.heartbeat },
      { ...two, heartbeat: b.heartbeat ?? two.heartbeat },
    ],
  };
}

function holds(heartbeat: Heartbeat | null, vip: string): boolean {
  return heartbeat?.addresses.some(({ address }) => address === vip) === true;
}
