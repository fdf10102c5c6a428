/** Makes heartbeats: everything that is cheap to know, every second, without starting a program. */

import { freemem, loadavg, uptime } from 'node:os';
import type { AgentConfig } from '../shared/model/agent-config.ts';
import type { Heartbeat } from '../shared/model/facts.ts';
import { changesSince, type HeartbeatChanges } from '../shared/model/heartbeat-changes.ts';
import { HOST_PATHS } from '../shared/model/paths.ts';
import { listAddresses } from './host/addresses.ts';
import { CertificateTimes } from './host/certificate-times.ts';
import type { DatabaseWatch } from './host/database-watch.ts';
import { readGuardStatus } from './host/guard-status.ts';
import { readDisk } from './host/host-facts.ts';
import { DriftWatch, ManagedFiles } from './host/managed-files.ts';
import type { ServiceWatch } from './host/service-watch.ts';
import type { AgentMetrics } from './metrics.ts';

/** Where the server keeps its data on Debian; on a host without it, the disk it would be on. */
const DATA_FOLDER = '/var/lib/mysql';

export const WATCHED_UNITS = [
  'mariadb.service',
  'keepalived.service',
  'hotpair-agent.service',
  'hotpair-guard.service',
];

export class HeartbeatSource {
  readonly #config: AgentConfig;
  readonly #database: DatabaseWatch;
  readonly #services: ServiceWatch;
  readonly #certificates: CertificateTimes;
  readonly #drift: DriftWatch;
  readonly #metrics: AgentMetrics;
  #sequence = 0;

  constructor(config: AgentConfig, database: DatabaseWatch, services: ServiceWatch, metrics: AgentMetrics) {
    this.#metrics = metrics;
    this.#config = config;
    this.#database = database;
    this.#services = services;
    this.#drift = new DriftWatch(new ManagedFiles(config.state));
    this.#certificates = new CertificateTimes({
      agent: config.tls.cert,
      database: HOST_PATHS.databaseCert,
    });
  }

  async make(): Promise<Heartbeat> {
    const started = performance.now();
    const [database, services, guard, disk, certificates, drift] = await Promise.all([
      this.#database.read(),
      this.#services.read(),
      readGuardStatus(),
      readDisk(DATA_FOLDER),
      this.#certificates.read(),
      this.#drift.read(),
    ]);
    this.#sequence += 1;
    this.#metrics.heartbeatMade(performance.now() - started);
    return {
      host: this.#config.host,
      sequence: this.#sequence,
      time: Date.now(),
      addresses: listAddresses(),
      database,
      guard,
      services,
      load1: loadavg()[0] ?? 0,
      diskFreeBytes: disk.freeBytes,
      diskTotalBytes: disk.totalBytes,
      memoryFreeBytes: freemem(),
      hostUptimeSeconds: uptime(),
      certificates,
      drift,
    };
  }
}

/**
 * Calls `push` every `intervalMs` with what has changed since the last time, the first time at once with everything,
 * never two at a time; returns the stop.
 */
export function pushHeartbeats(
  source: Pick<HeartbeatSource, 'make'>,
  intervalMs: number,
  push: (changes: HeartbeatChanges) => void,
  onError: (error: unknown) => void,
): () => void {
  let stopped = false;
  let before: Heartbeat | null = null;
  let timer: NodeJS.Timeout | undefined;
  const beat = async (): Promise<void> => {
    const started = performance.now();
    try {
      const heartbeat = await source.make();
      if (!stopped) push(changesSince(before, heartbeat));
      before = heartbeat;
    } catch (error) {
      onError(error);
    }
    if (!stopped) timer = setTimeout(beat, Math.max(0, intervalMs - (performance.now() - started)));
  };
  void beat();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
