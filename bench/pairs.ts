/**
 * The pairs bench: one real `coordinator serve` that watches N pairs of simulated agents over real sockets, each with
 * its own certificate and heartbeats of 1 Hz, and a console that listens. The hosts are in a process of their own, so
 * that the coordinator's processor time and memory are measured alone.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { openBenchRoom, type Started } from './pairs/bench-room.ts';
import { type GuardMode, LISTEN_PORT } from './pairs/fleet.ts';
import type { ToSimulator, VoteFigures } from './pairs/messages.ts';
import { rssOf, usageFrom } from './pairs/process-usage.ts';
import { startFleet, told } from './pairs/watched-fleet.ts';
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

const SETTLE_MS = 10_000;

export async function benchPairs(options: PairsOptions): Promise<PairsDocument> {
  const results: PairsResult[] = [];
  for (const pairs of options.pairs) results.push(await measure(pairs, options));
  return { bench: 'pairs', seconds: options.seconds, guards: options.guards, results };
}

async function measure(pairs: number, { seconds, guards, log, signal }: PairsOptions): Promise<PairsResult> {
  await using room = await openBenchRoom();
  log(`${pairs} pairs: starting ${2 * pairs} simulated hosts`);
  const { simulator, daemon, token, connectedMs } = await startFleet(room, { pairs, guards, signal });
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

const say = ({ child }: Started, message: ToSimulator): void => void child.send(message);
