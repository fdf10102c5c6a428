/** The process of all simulated hosts and of the console that watches them: argv is one JSON text of SimulatorSettings. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeLeaf, signKey } from '../../coordinator/agents/issue-certificate.ts';
import { loadOrCreatePki } from '../../coordinator/agents/pki.ts';
import { ConsoleWatch } from './console-watch.ts';
import { type SimulatedPair, simulatedPairs } from './fleet.ts';
import type { FromSimulator, SimulatorSettings, ToSimulator } from './messages.ts';
import { startSimulatedHost } from './simulated-host.ts';

/** A heartbeat that is not shown after so long is missed. */
const GRACE_MS = 3000;

const settings = JSON.parse(process.argv[2] ?? '{}') as SimulatorSettings; // The bench's own.
const tell = (message: FromSimulator): void => void process.send?.(message);
const watch = new ConsoleWatch();
const pairs = simulatedPairs(settings.pairs);
let votes = { asked: 0, late: 0 };

async function startHosts(): Promise<void> {
  const { ca } = await loadOrCreatePki(settings.data);
  const authority = { cert: ca, key: await readFile(join(settings.data, 'pki', 'ca.key'), 'utf8') };
  // One key for all: what costs a coordinator is the handshake, whoever's key is in it.
  const { key } = await makeLeaf(authority, { commonName: 'bench', address: null, use: 'client' });
  const names = pairs.flatMap(({ hosts }) => hosts.map(({ name }) => name));
  const guardOf = (name: string): string => `guard of ${name}`;
  const missing = new Set(settings.guards === 'none' ? names : [...names, ...names.map(guardOf)]);
  const met = (name: string): void => {
    if (missing.delete(name) && missing.size === 0) tell({ kind: 'met' });
  };
  const startPair = (pair: SimulatedPair): Promise<unknown> =>
    Promise.all(
      pair.hosts.map(async (host) => {
        const leaf = { commonName: host.name, address: host.address, use: 'both' } as const;
        const identity = { ca, key, cert: await signKey(authority, key, leaf) };
        await startSimulatedHost({
          ...{ pair, host, identity, guards: settings.guards },
          onBeat: (lagSeconds) => {
            if (!host.primary) watch.sent(pair.name, lagSeconds);
          },
          onAsk: (late) => {
            votes.asked += 1;
            votes.late += late ? 1 : 0;
          },
          onSubscribed: () => met(host.name),
          onLinked: () => met(guardOf(host.name)),
        });
      }),
    );
  for (const pair of pairs) await startPair(pair);
  tell({ kind: 'listening' });
}

process.on('message', async (message: ToSimulator) => {
  if (message.kind === 'console') {
    await watch.open(message.url, message.token, pairs[0]?.name ?? '');
    tell({ kind: 'connected' });
  }
  if (message.kind === 'begin') {
    watch.begin();
    votes = { asked: 0, late: 0 };
  }
  if (message.kind === 'end') tell({ kind: 'figures', figures: watch.end(GRACE_MS), votes });
});
// Nothing of it outlives the bench.
process.on('disconnect', () => process.exit(0));

await startHosts();
