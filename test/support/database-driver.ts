/**
 * Runs on a host of the lab: a LocalDatabase in a loop like the guard's, told what to do line by line on standard input.
 * Each answer, and each change that was heard, is one line of JSON on standard output. With `--proxied` the server can be
 * stopped in the middle of a reading, and hangs after a shorter time.
 */

import { createInterface } from 'node:readline';
import { type GuardConfig, readGuardConfig } from '../../agent/guard/config.ts';
import { LocalDatabase, type ServerEffect } from '../../agent/guard/database/local-database.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { DriverAnswer, DriverRequest } from './driven-database.ts';
import { type StoppingProxy, startStoppingProxy } from './stopping-proxy.ts';

const TICK_MS = 100;
const PROXY = '/run/hotpair-lab-database.sock';
const SOON_HUNG_MS = 200;

const say = (answer: DriverAnswer): void => {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
};

let proxy: StoppingProxy | undefined;
const database = new LocalDatabase({
  config: configOf(readGuardConfig(HOST_PATHS.guardConfig)),
  log: createLogger('driver'),
  changed: () => say({ kind: 'changed', server: database.facts.server }),
});

function configOf(config: GuardConfig): GuardConfig {
  if (!process.argv.includes('--proxied')) return config;
  const { timing, database: server } = config;
  proxy = startStoppingProxy(PROXY, server.socket);
  return {
    ...config,
    timing: { ...timing, hangMs: SOON_HUNG_MS },
    database: { ...server, socket: PROXY },
  };
}

let last = performance.now();
setInterval(() => {
  const now = performance.now();
  database.tick(Math.max(0, now - last - 2 * TICK_MS));
  last = now;
  void database.refresh();
}, TICK_MS);

createInterface({ input: process.stdin }).on('line', (line) => {
  // The test is the only one who writes here.
  const { id, request } = JSON.parse(line) as { id: number; request: DriverRequest };
  answer(request).then(
    (result) => say({ kind: 'done', id, result }),
    (error: unknown) => say({ kind: 'failed', id, error: String(error) }),
  );
});
process.stdin.on('end', () => process.exit(0));

async function answer(request: DriverRequest): Promise<unknown> {
  if (request.do === 'compare') return database.compareWithPeer(request.on);
  if (request.do === 'perform') return database.perform(absolute(request.effect));
  if (request.do === 'cpu') return process.cpuUsage();
  if (request.do === 'stop-at')
    return proxy?.stopAt(request.words, request.pid, () => say({ kind: 'changed', server: 'given up' }));
  await database.refresh();
  return { ...database.facts, positions: database.positions, trouble: database.trouble };
}

/** The test cannot know this process's clock. */
function absolute(effect: ServerEffect): ServerEffect {
  return effect.kind === 'writable' ? { ...effect, until: performance.now() + effect.until } : effect;
}
