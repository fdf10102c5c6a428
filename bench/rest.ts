/** The REST bench: how long state and history take to be told, with a million events in the store of a real coordinator. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NewEvent } from '../coordinator/store/event-log.ts';
import { openStore, type Store } from '../coordinator/store/open-store.ts';
import { waitFor } from '../shared/runtime/wait-for.ts';
import { decisionOf } from '../test/support/make-decision.ts';
import { COORDINATOR, openBenchRoom } from './pairs/bench-room.ts';
import { LISTEN_PORT, renderFile, simulatedPairs } from './pairs/fleet.ts';
import type { AskerFigures, AskerSettings } from './rest/asker-main.ts';
import { percentile } from './statistics.ts';

export interface RestResult {
  readonly path: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

export interface RestDocument {
  readonly bench: 'rest';
  readonly events: number;
  readonly outages: number;
  readonly requests: number;
  readonly results: readonly RestResult[];
}

const ASKER = fileURLToPath(new URL('./rest/asker-main.ts', import.meta.url));
const PAIRS = simulatedPairs(10);
const EVENTS = 1_000_000;
const BATCH = 10_000;
/** Of the events every so many-th is the end of an outage, with what belongs to it around it. */
const OUTAGE_EVERY = 200;
const MONTH_MS = 30 * 86_400_000;
/** All of them are fewer than one address may send in a minute. */
const REQUESTS = 100;
const DEADLINE_MS = 300_000;
const PATHS = [
  ...['/v1/pairs', '/v1/pairs/p0', '/v1/events', '/v1/pairs/p0/events', '/v1/events?kind=VipMoved'],
  ...[`/v1/events?cursor=${EVENTS / 2}`, '/v1/pairs/p0/outages', '/v1/pairs/p0/outages?limit=500'],
];

export async function benchRest(log: (line: string) => void, signal: AbortSignal): Promise<RestDocument> {
  await using room = await openBenchRoom();
  const data = join(room.folder, 'data');
  const file = join(room.folder, 'hotpair.yaml');
  writeFileSync(file, renderFile(PAIRS, data));
  const store = openStore(data);
  log(`writing ${EVENTS} events`);
  fill(store);
  const token = store.tokens.create('bench', 'viewer', null);
  store.close();
  room.start(COORDINATOR, '--config', file, 'serve');
  const settings: AskerSettings = {
    ...{ url: `http://127.0.0.1:${LISTEN_PORT}`, token, paths: PATHS, requests: REQUESTS },
  };
  log(`asking ${REQUESTS} times for each of ${PATHS.length} pages`);
  const asker = room.start(ASKER);
  asker.child.send(settings);
  const figures = await waitFor(
    'the answers',
    () => {
      if (asker.child.exitCode !== null && asker.messages.length === 0)
        throw new Error(`not every page was answered (code ${asker.child.exitCode})`);
      return asker.messages[0] as AskerFigures | undefined; // What the asker tells.
    },
    { deadlineMs: DEADLINE_MS, signal },
  );
  const results = Object.entries(figures).map(([path, times]) => ({
    ...{ path, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) },
    worstMs: percentile(times, 1),
  }));
  return { bench: 'rest', events: EVENTS, outages: EVENTS / OUTAGE_EVERY, requests: REQUESTS, results };
}

/** A month of all pairs in turn. */
function fill(store: Store): void {
  const first = Date.now() - MONTH_MS;
  for (let from = 0; from < EVENTS; from += BATCH) {
    const events = Array.from({ length: BATCH }, (_, index) => eventAt(from + index, first));
    store.events.appendAll(events);
    for (const { kind, pair, time = 0 } of events)
      if (kind === 'VipMoved')
        store.decisions.add(
          ...[pair, `${pair}a`],
          [decisionOf(`1-${time}`, { at: time - 500, row: 'P1', from: 'PRIMARY_SYNC', to: 'FENCED' })],
          0,
        );
  }
}

function eventAt(index: number, first: number): NewEvent {
  const outage = Math.floor(index / OUTAGE_EVERY);
  const step = index % OUTAGE_EVERY;
  // What happens around an outage happens to one pair.
  const pair = (PAIRS[(step < 3 ? outage : index) % PAIRS.length] ?? PAIRS[0])?.name ?? '';
  const base = { pair, time: Math.floor(first + (index * MONTH_MS) / EVENTS) };
  const [lost, winner] = [`${pair}a`, `${pair}b`];
  if (step === 0)
    return { ...base, host: lost, kind: 'ServerDown', message: `The server on ${lost} is down.` };
  if (step === 1)
    return {
      ...{ ...base, host: winner, kind: 'VipMoved', message: `The VIP moved from ${lost} to ${winner}.` },
      data: { from: lost, to: winner, gapMs: 420 },
    };
  if (step === 2)
    return {
      ...base,
      host: winner,
      kind: 'RoleChanged',
      message: `${winner} is primary now.`,
      data: { to: 'primary' },
    };
  return {
    ...base,
    host: winner,
    kind: step % 2 === 0 ? 'ReplicationLagging' : 'ReplicationHealthy',
    message: 'Lag.',
  };
}
