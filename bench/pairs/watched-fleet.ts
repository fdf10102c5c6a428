/** A real `coordinator serve` that watches simulated hosts, all of them connected: what a bench of the coordinator begins with. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadOrCreatePki } from '../../coordinator/agents/pki.ts';
import { openStore } from '../../coordinator/store/open-store.ts';
import { renderLedger } from '../../shared/pair/ledger-file.ts';
import { firstLedger } from '../../shared/pair/voter.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type BenchRoom, COORDINATOR, type Started } from './bench-room.ts';
import { type GuardMode, renderFile, simulatedPairs } from './fleet.ts';
import type { FromSimulator } from './messages.ts';
import { RECORD } from './simulated-guard.ts';

export interface WatchedFleet {
  /** The process of all simulated hosts. */
  readonly simulator: Started;
  readonly daemon: Started;
  /** A viewer's. */
  readonly token: string;
  /** From the start of the daemon until every agent is subscribed to, and every guard that answers linked to. */
  readonly connectedMs: number;
}

export interface FleetOptions {
  readonly pairs: number;
  readonly guards: GuardMode;
  readonly signal: AbortSignal;
}

type Told<K extends FromSimulator['kind']> = Extract<FromSimulator, { readonly kind: K }>;

const SIMULATOR = fileURLToPath(new URL('./simulator-main.ts', import.meta.url));
const READY_MS = 180_000;

/** Its processes end with the room. */
export async function startFleet(room: BenchRoom, options: FleetOptions): Promise<WatchedFleet> {
  const { pairs, guards, signal } = options;
  const { file, data, token } = await furnish(room.folder, pairs);
  const simulator = room.start(SIMULATOR, JSON.stringify({ pairs, data, guards }));
  await told(simulator, 'listening', signal);
  const startedAt = performance.now();
  const daemon = room.start(COORDINATOR, '--config', file, 'serve');
  await told(simulator, 'met', signal, daemon);
  return { simulator, daemon, token, connectedMs: performance.now() - startedAt };
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

/** What the simulated hosts tell. Throws when one of the processes has ended instead. */
export function told<K extends FromSimulator['kind']>(
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
