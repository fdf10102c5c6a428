/**
 * The daemon: composition root of coordinator serve. Starts, in order: lock, store, watchers, witness, sampler, jobs, alerts, REST, cron;
 * stops in the opposite order when its signal is aborted.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../shared/errors/app-error.ts';
import type { HotpairSpec } from '../shared/model/pair-spec.ts';
import type { StoreSpec } from '../shared/model/store-file.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { createFleetDialer, type DialAgent } from './agents/fleet-dialer.ts';
import { startAlerts } from './alerts/start-alerts.ts';
import { Jobs } from './api/jobs.ts';
import { keepOutages } from './api/outage-keeper.ts';
import { PairBoard } from './api/pair-board.ts';
import { startSampler } from './api/sampler.ts';
import { createApp } from './http/app.ts';
import { isLoopback } from './http/loopback.ts';
import { keepFresh, loadServerTls } from './http/server-tls.ts';
import { createMetrics } from './metrics/metrics.ts';
import { takeProcessLock } from './process-lock.ts';
import { reportsFolder } from './report/make-report.ts';
import { startReportCron } from './report/report-cron.ts';
import { createAttempt } from './store/attempt.ts';
import { NO_PAIR } from './store/event-log.ts';
import { openStore, type Store } from './store/open-store.ts';
import { createEffects, type Effects } from './watch/effects.ts';
import { startWatcher, type Watcher } from './watch/watcher.ts';
import { startWitness } from './witness/start-witness.ts';

export interface ServeOptions {
  readonly spec: HotpairSpec;
  /** The file that the spec is from, and how it is read anew for a job. */
  readonly configFile: string;
  readonly loadSpec: () => Promise<HotpairSpec>;
  readonly log: Logger;
  /** Ends the daemon. */
  readonly signal: AbortSignal;
  /** Requests that one address may send in a minute. */
  readonly requestsPerMinute?: number;
  /** Called once everything runs, with the address of the REST interface. */
  readonly onReady?: (url: string) => void;
}

const REQUESTS_PER_MINUTE = 1200;
const PRUNE_MS = 6 * 3_600_000;

/** Settles when the daemon has stopped. Throws REFUSED when another one runs on the same data folder. */
export async function serve(options: ServeOptions): Promise<void> {
  const { spec, log } = options;
  const { data } = spec.coordinator;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  using _lock = takeProcessLock(
    join(data, 'serve.lock'),
    `Another coordinator serve with the data folder ${data}`,
  );
  const store = openStore(data, (sentence) => log.warn(sentence));
  const effects = createEffects(store, log);
  try {
    using _pruning = pruneNowAndThen(store, spec.store, log);
    effects.record({
      pair: NO_PAIR,
      kind: 'DaemonStarted',
      message: `The daemon started as process ${process.pid}.`,
      data: { schedules: (spec.reports?.schedules ?? []).map(({ name }) => name) },
    });
    await run(options, store, effects);
    effects.record({ pair: NO_PAIR, kind: 'DaemonStopped', message: 'The daemon stopped.' });
  } finally {
    effects.settle();
    store.close();
  }
}

/** At the start, and every few hours after it: a daemon may run for years. */
function pruneNowAndThen(store: Store, keep: StoreSpec, log: Logger): Disposable {
  const attempt = createAttempt(log, 'the store was not tidied; it is tried again later');
  const prune = (): boolean => attempt(() => store.prune(keep));
  prune();
  const timer = setInterval(prune, PRUNE_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function run(options: ServeOptions, store: Store, effects: Effects): Promise<void> {
  const { spec, log, signal, onReady } = options;
  // What runs inside ends with the daemon's signal, and also when the start fails half-way.
  const inside = new AbortController();
  const stop = AbortSignal.any([signal, inside.signal]);
  const board = new PairBoard(spec.pairs, store);
  const connect = createFleetDialer(spec);
  const watchers = spec.pairs.map((pair) => watchPair(pair, board, store, effects, log, connect, stop));
  const { record } = effects;
  const witness = startWitness({ spec, record, log });
  board.start();
  const stopSampler = startSampler({ board, store, log, keep: spec.store.samples });
  const jobs = new Jobs({ store, log, loadSpec: options.loadSpec, configFile: options.configFile });
  let app: FastifyInstance | undefined;
  let stopRenewal = (): void => undefined;
  let stopCron: () => Promise<void> = async () => undefined;
  let stopAlerts: () => Promise<void> = async () => undefined;
  let stopKeeper = (): void => undefined;
  try {
    const metrics = createMetrics(board, jobs);
    stopKeeper = keepOutages({ board, store, log, onOutage: metrics.outageEnded });
    const { alerts } = spec;
    if (alerts !== undefined)
      stopAlerts = startAlerts({
        ...{ spec, alerts, board, store, record, log, signal: stop, onSent: metrics.alertSent },
      });
    app = await createApp({
      ...{ board, store, jobs, log, metrics, startedAt: Date.now() },
      ...{
        alerts: spec.alerts ?? null,
        keep: spec.store.samples,
        reportsFolder: reportsFolder(spec),
        tls: await loadServerTls(spec),
      },
      loopbackOnly: isLoopback(spec.coordinator.listen.host),
      requestsPerMinute: options.requestsPerMinute ?? REQUESTS_PER_MINUTE,
    });
    const url = await listen(app, spec.coordinator.listen);
    const { server } = app;
    if (server instanceof TlsServer)
      stopRenewal = keepFresh(spec, (tls) => server.setSecureContext(tls), log);
    if (spec.reports !== null)
      stopCron = startReportCron({ spec, reports: spec.reports, store, record, log, signal: stop });
    log.info({ url, pairs: spec.pairs.map((pair) => pair.name) }, 'serving');
    onReady?.(url);
    await aborted(signal);
    log.info('stopping');
  } finally {
    inside.abort();
    await stopCron();
    await stopAlerts();
    await jobs.stop();
    stopKeeper();
    board.stop();
    stopSampler();
    stopRenewal();
    await app?.close();
    await witness.stop();
    await Promise.all(watchers.map((watcher) => watcher.done));
  }
}

function watchPair(
  pair: HotpairSpec['pairs'][number],
  board: PairBoard,
  store: Store,
  effects: Effects,
  log: Logger,
  connect: DialAgent,
  signal: AbortSignal,
): Watcher {
  const watcher = startWatcher({
    ...{ pair, store, effects, signal, connect, log: log.child({ pair: pair.name }) },
    onHeartbeat: (host, heartbeat, state) => board.hear(pair.name, host, heartbeat, state),
    onDecisions: (from, to) => board.learn(pair.name, from, to),
  });
  board.watch(pair.name, () => watcher.state);
  return watcher;
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
