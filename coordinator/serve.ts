/**
 * The daemon: composition root of coordinator serve. Starts, in order: lock, store, watchers, witness, REST, cron; stops in the
 * opposite order when its signal is aborted.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../shared/errors/app-error.ts';
import type { HotpairSpec } from '../shared/model/pair-spec.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { connectAgent } from './agents/link.ts';
import { loadOrCreatePki } from './agents/pki.ts';
import { assertLoopback, createApp } from './http/app.ts';
import { takeProcessLock } from './process-lock.ts';
import { startReportCron } from './report/report-cron.ts';
import { NO_PAIR } from './store/event-log.ts';
import { openStore, type Store } from './store/open-store.ts';
import { createEffects, type Effects } from './watch/effects.ts';
import { startWatcher, type Watcher } from './watch/watcher.ts';
import { startWitness } from './witness/start-witness.ts';

export interface ServeOptions {
  readonly spec: HotpairSpec;
  readonly log: Logger;
  /** Ends the daemon. */
  readonly signal: AbortSignal;
  /** Called once everything runs, with the address of the REST interface. */
  readonly onReady?: (url: string) => void;
}

const CONNECT_MS = 5000;
const PRUNE_MS = 6 * 3_600_000;

/** Settles when the daemon has stopped. Throws REFUSED when another one runs on the same data folder. */
export async function serve(options: ServeOptions): Promise<void> {
  const { spec, log } = options;
  assertLoopback(spec.coordinator.listen.host);
  const { data } = spec.coordinator;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  using _lock = takeProcessLock(
    join(data, 'serve.lock'),
    `Another coordinator serve with the data folder ${data}`,
  );
  const store = openStore(data, (sentence) => log.warn(sentence));
  const effects = createEffects(store, log);
  try {
    using _pruning = pruneNowAndThen(store, log);
    effects.record({
      pair: NO_PAIR,
      kind: 'DaemonStarted',
      message: `The daemon started as process ${process.pid}.`,
    });
    await run(options, store, effects);
    effects.record({ pair: NO_PAIR, kind: 'DaemonStopped', message: 'The daemon stopped.' });
  } finally {
    store.close();
  }
}

/** At the start, and every few hours after it: a daemon may run for years. */
function pruneNowAndThen(store: Store, log: Logger): Disposable {
  const prune = (): void => {
    try {
      store.prune();
    } catch (error) {
      log.warn({ err: error }, 'the store was not tidied; it is tried again later');
    }
  };
  prune();
  const timer = setInterval(prune, PRUNE_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function run(
  { spec, log, signal, onReady }: ServeOptions,
  store: Store,
  effects: Effects,
): Promise<void> {
  // What runs inside ends with the daemon's signal, and also when the start fails half-way.
  const inside = new AbortController();
  const stop = AbortSignal.any([signal, inside.signal]);
  const watchers = spec.pairs.map((pair) => watchPair(spec, pair, store, effects, log, stop));
  const { record } = effects;
  const witness = startWitness({ spec, record, log });
  const app = createApp({ watchers, startedAt: Date.now() });
  let stopCron: () => Promise<void> = async () => undefined;
  try {
    const url = await listen(app, spec.coordinator.listen);
    if (spec.reports !== null)
      stopCron = startReportCron({ spec, reports: spec.reports, store, record, log, signal: stop });
    log.info({ url, pairs: spec.pairs.map((pair) => pair.name) }, 'serving');
    onReady?.(url);
    await aborted(signal);
    log.info('stopping');
  } finally {
    inside.abort();
    await stopCron();
    await app.close();
    await witness.stop();
    await Promise.all(watchers.map((watcher) => watcher.done));
  }
}

function watchPair(
  spec: HotpairSpec,
  pair: HotpairSpec['pairs'][number],
  store: Store,
  effects: Effects,
  log: Logger,
  signal: AbortSignal,
): Watcher {
  const { data, agentPort } = spec.coordinator;
  return startWatcher({
    ...{ pair, store, effects, signal, log: log.child({ pair: pair.name }) },
    connect: async (host, stop) => {
      // Read anew for each connection: the certificate is renewed while the daemon runs.
      const identity = (await loadOrCreatePki(data)).clientIdentity();
      return connectAgent(host, { identity, port: agentPort, deadlineMs: CONNECT_MS, signal: stop });
    },
  });
}

async function listen(app: FastifyInstance, at: { host: string; port: number }): Promise<string> {
  try {
    return await app.listen({ host: at.host, port: at.port });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AppError('REFUSED', `The daemon cannot listen on ${at.host}:${at.port}: ${words}.`, {
      cause: error,
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
