/**
 * The pairs bench: one real `coordinator serve` that watches N pairs of simulated agents over real sockets, each with
 * its own certificate and heartbeats of 1 Hz, and a console that listens. The hosts are in a process of their own, so
 * that the coordinator's processor time and memory are measured alone.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadOrCreatePki } from '../coordinator/agents/pki.ts';
import { openStore } from '../coordinator/store/open-store.ts';
import { renderLedger } from '../shared/pair/ledger-file.ts';
import { firstLedger } from '../shared/pair/voter.ts';
import { waitFor } from '../shared/runtime/wait-for.ts';
import { COORDINATOR, openBenchRoom, type Started } from './pairs/bench-room.ts';
import { type GuardMode, LISTEN_PORT, renderFile, simulatedPairs } from './pairs/fleet.ts';
import type { FromSimulator, ToSimulator, VoteFigures } from './pairs/messages.ts';
import { rssOf, usageFrom } from './pairs/process-usage.ts';
import { RECORD } from './pairs/simulated-guard.ts';
import { percentile } from './statistics.ts';

export interface PairsResult {
  readonly pairs: number;
  readonly connections: number;
  /** From the start of the daemon until every agent is subscribed to, and every guard that answers linked to. */
  readonly connectedMs: number;
  /** Of one core. */
  readonly cpuPercent: number;
  /** Of the time, waiting for a processor that others had. */
  readonly waitPercent: number;
  /** All simulated hosts and the console. */
  readonly simulator: { readonly cpuPercent: number; readonly waitPercent: number };
  readonly rssMb: number;
  /** Of standbys, sent while it was measured. */
  readonly heartbeats: number;
  readonly missed: number;
  readonly lostHosts: number;
  readonly votes: VoteFigures;
  /** From the sending of a heartbeat until the console has what it says. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly most: number };
}

export interface PairsDocument {
  readonly bench: 'pairs';
  readonly seconds: number;
  readonly guards: GuardMode;
  readonly results: readonly PairsResult[];
}

export interface PairsOptions {
  readonly pairs: readonly number[];
  readonly seconds: number;
  readonly guards: GuardMode;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const SIMULATOR = fileURLToPath(new URL('./pairs/simulator-main.ts', import.meta.url));
const READY_MS = 180_000;
const SETTLE_MS = 10_000;

export async function benchPairs(options: PairsOptions): Promise<PairsDocument> {
  const results: PairsResult[] = [];
  for (const pairs of options.pairs) results.push(await measure(pairs, options));
  return { bench: 'pairs', seconds: options.seconds, guards: options.guards, results };
}

async function measure(pairs: number, { seconds, guards, log, signal }: PairsOptions): Promise<PairsResult> {
  await using room = await openBenchRoom();
  const { file, data, token } = await furnish(room.folder, pairs);
  log(`${pairs} pairs: starting ${2 * pairs} simulated hosts`);
  const simulator = room.start(SIMULATOR, JSON.stringify({ pairs, data, guards }));
  await told(simulator, 'listening', signal);
  const startedAt = performance.now();
  const daemon = room.start(COORDINATOR, '--config', file, 'serve');
  await told(simulator, 'met', signal, daemon);
  const connectedMs = performance.now() - startedAt;
  const url = `ws://127.0.0.1:${LISTEN_PORT}/v1/live`;
  say(simulator, { kind: 'console', url, token });
  await told(simulator, 'connected', signal);
  log(`${pairs} pairs: connected after ${(connectedMs / 1000).toFixed(1)} s; measuring for ${seconds} s`);
  await delay(SETTLE_MS, undefined, { signal });
  say(simulator, { kind: 'begin' });
  const [ofDaemon, ofSimulator] = [usageFrom(daemon.child), usageFrom(simulator.child)];
  await delay(seconds * 1000, undefined, { signal });
  const [usage, simulatorUsage] = [ofDaemon(), ofSimulator()];
  const rssMb = rssOf(daemon.child);
  say(simulator, { kind: 'end' });
  const { figures, votes } = await told(simulator, 'figures', signal);
  const { delaysMs, sent, missed, lost } = figures;
  return {
    ...{ pairs, connections: 2 * pairs, connectedMs, ...usage, simulator: simulatorUsage, rssMb },
    ...{ heartbeats: sent, missed, lostHosts: lost, votes },
    delayMs: {
      ...{ p50: percentile(delaysMs, 0.5), p99: percentile(delaysMs, 0.99) },
      most: percentile(delaysMs, 1),
    },
  };
}

/** The user's file, the coordinator's keys, a token, and what its witness would know of deployed pairs. */
async function furnish(folder: string, count: number) {
  const data = join(folder, 'data');
  const file = join(folder, 'hotpair.yaml');
  const pairs = simulatedPairs(count);
  await loadOrCreatePki(data);
  writeFileSync(file, renderFile(pairs, data));
  mkdirSync(join(data, 'witness'), { mode: 0o700 });
  for (const { name } of pairs)
    writeFileSync(join(data, 'witness', `${name}.json`), renderLedger(name, firstLedger(RECORD)));
  const store = openStore(data);
  const token = store.tokens.create('bench', 'viewer', null);
  store.close();
  return { data, file, token };
}

type Told<K extends FromSimulator['kind']> = Extract<FromSimulator, { readonly kind: K }>;

/** Throws when one of the processes has ended instead. */
function told<K extends FromSimulator['kind']>(
  { child, messages }: Started,
  kind: K,
  signal: AbortSignal,
  daemon?: Started,
): Promise<Told<K>> {
  const probe = (): Told<K> | undefined => {
    if (child.exitCode !== null) throw new Error(`the simulated hosts ended with code ${child.exitCode}`);
    const code = daemon?.child.exitCode ?? null;
    if (code !== null) throw new Error(`coordinator serve ended with code ${code}`);
    // What the simulator tells is of that type.
    return (messages as readonly FromSimulator[]).find(
      (message): message is Told<K> => message.kind === kind,
    );
  };
  return waitFor(`the simulated hosts: ${kind}`, probe, { deadlineMs: READY_MS, intervalMs: 20, signal });
}

const say = ({ child }: Started, message: ToSimulator): void => void child.send(message);
