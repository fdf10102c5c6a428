/** Reads what a report is made from: one heartbeat of each host now, and the history of the period. */

import { toAppError } from '../../shared/errors/app-error.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { HostSpec, HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { closeFleet, reachAgents } from '../agents/fleet.ts';
import type { AgentLink } from '../agents/link.ts';
import type { Store } from '../store/open-store.ts';
import type { HostReading, PairReadings, Period } from './health-report.ts';

const CONNECT_MS = 3000;
const HEARTBEAT_MS = 5000;

/** Answers even when no host does: then the report says so. */
export async function gatherPair(
  spec: HotpairSpec,
  pair: PairSpec,
  store: Store,
  period: Period,
  signal: AbortSignal,
): Promise<PairReadings> {
  const hosts = await readHosts(spec, pair, signal);
  return {
    ...{ pair, period, hosts },
    events: store.events.list({ pair: pair.name, sinceTime: period.from }),
    runs: store.runs.list(pair.name, 20).filter((run) => run.started >= period.from),
  };
}

async function readHosts(
  spec: HotpairSpec,
  pair: PairSpec,
  signal: AbortSignal,
): Promise<readonly [HostReading, HostReading]> {
  const reached = await reachAgents(spec, pair, { signal, connectMs: CONNECT_MS });
  const [a, b] = reached;
  try {
    const read = (one: (typeof reached)[number]): Promise<HostReading> =>
      one.link === undefined
        ? Promise.resolve(failed(one.host, one.error.message))
        : readHost(one.link, signal);
    // The primary is asked last: what its standby has applied by then, it has written itself.
    const [first, second] = await Promise.all([read(a), read(b)]);
    if (isPrimary(first.heartbeat)) return [await read(a), second];
    if (isPrimary(second.heartbeat)) return [first, await read(b)];
    return [first, second];
  } finally {
    closeFleet(reached.flatMap(({ link }) => (link === undefined ? [] : [link])));
  }
}

const isPrimary = (heartbeat: Heartbeat | null): boolean => heartbeat?.database.readOnly === false;

async function readHost(link: AgentLink, signal: AbortSignal): Promise<HostReading> {
  const { name, address } = link.host;
  try {
    const heartbeat = await link.call('heartbeat', {}, { deadlineMs: HEARTBEAT_MS, signal });
    return { name, address, heartbeat, error: null, receivedAt: Date.now() };
  } catch (error) {
    return failed(link.host, toAppError(error).message);
  }
}

const failed = (host: HostSpec, error: string): HostReading => ({
  ...{ name: host.name, address: host.address, heartbeat: null, error, receivedAt: Date.now() },
});
