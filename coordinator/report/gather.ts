/** Reads what a report is made from: one heartbeat of each host now, and the history of the period. */

import type { OutageCause } from '../../shared/api/history.ts';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { HostSpec, HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { closeFleet, reachAgents } from '../agents/fleet.ts';
import type { AgentLink } from '../agents/link.ts';
import { ENDING_KINDS, OUTAGE_KINDS, readOutage } from '../api/outages.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import { MISSING_AFTER_MS } from '../watch/pair-state.ts';
import { failoversOf } from './health.ts';
import type { HostReading, PairReadings, Period, TrendReadings } from './health-report.ts';

const CONNECT_MS = 3000;
const HEARTBEAT_MS = 5000;
const MONTH_MS = 30 * 86_400_000;
/** Enough for a month of samples of 10 minutes. */
const MOST_SAMPLES = 4500;
/** A VIP that went to and fro all the time has one reason, and its last ones say it. */
const MOST_CAUSES = 200;

/** Answers even when no host does: then the report says so. */
export async function gatherPair(
  spec: HotpairSpec,
  pair: PairSpec,
  store: Store,
  period: Period,
  signal: AbortSignal,
): Promise<PairReadings> {
  const hosts = await readHosts(spec, pair, signal);
  const events = store.events.list({ pair: pair.name, kinds: OUTAGE_KINDS, sinceTime: period.from });
  return {
    ...{ pair, period, hosts, events, causes: readCauses(store, events) },
    runs: store.runs.list(pair.name, 20).filter((run) => run.started >= period.from),
    trend: readTrend(spec, pair, store, period),
  };
}

/** The daemon keeps them; what it has not kept is worked out from the same history. */
function readCauses(store: Store, events: readonly StoredEvent[]): ReadonlyMap<number, OutageCause> {
  const ended = events.filter(({ kind }) => ENDING_KINDS.includes(kind)).slice(-MOST_CAUSES);
  return new Map(
    ended.flatMap((event) => {
      const outage = readOutage(store, event);
      return outage === null ? [] : [[event.id, outage.cause] as const];
    }),
  );
}

function readTrend(spec: HotpairSpec, { name }: PairSpec, store: Store, { from, to }: Period): TrendReadings {
  const keep = spec.store.samples;
  const begin = from - (to - from);
  const range = (first: number, last: number) => store.samples.range(name, first, last, MOST_SAMPLES, keep);
  const before = { pair: name, kinds: OUTAGE_KINDS, sinceTime: begin, untilTime: from - 1 };
  const drill = store.events.last('DrillFinished', name);
  const outageMs = drill?.data['outageMs'];
  return {
    ...{ now: range(from, to), before: range(begin, from), month: range(to - MONTH_MS, to).samples },
    failoversBefore: failoversOf(store.events.list(before)),
    awaySince: awaySince(store, name),
    lastDrill:
      drill === null ? null : { time: drill.time, outageMs: typeof outageMs === 'number' ? outageMs : null },
  };
}

/** An outage that goes on has no event that ended it. */
function awaySince(store: Store, pair: string): number | null {
  const missing = store.events.last('VipMissing', pair);
  if (missing === null) return null;
  const ended = ENDING_KINDS.some((kind) => (store.events.last(kind, pair)?.id ?? 0) > missing.id);
  return ended ? null : missing.time - MISSING_AFTER_MS;
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
