/** Everything one agent process consists of, put together once. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../shared/model/agent-config.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { Claims } from './claims.ts';
import { Executor } from './executor.ts';
import { HeartbeatSource, WATCHED_UNITS } from './heartbeat.ts';
import { DatabaseWatch } from './host/database-watch.ts';
import { readTextOrNull } from './host/files.ts';
import { ServiceWatch } from './host/service-watch.ts';
import { Sql } from './host/sql.ts';
import { Journal } from './journal.ts';
import { Locks } from './locks.ts';
import { AgentMetrics } from './metrics.ts';
import { platformFor } from './platform/detect.ts';
import { parseOsRelease } from './platform/os-release.ts';
import type { Platform } from './platform/platform.ts';

export interface Agent {
  readonly config: AgentConfig;
  readonly log: Logger;
  readonly platform: Platform;
  readonly executor: Executor;
  readonly journal: Journal;
  readonly claims: Claims;
  readonly heartbeats: HeartbeatSource;
  readonly database: DatabaseWatch;
  readonly services: ServiceWatch;
  readonly metrics: AgentMetrics;
  readonly bootId: string;
  readonly startedAt: number;
  close(): void;
}

export async function createAgent(config: AgentConfig, log: Logger): Promise<Agent> {
  const platform = platformFor(parseOsRelease((await readTextOrNull('/etc/os-release')) ?? ''));
  const sql = new Sql(config.databaseSocket);
  const journal = new Journal(join(config.state, 'journal.jsonl'), {
    onError: (error) => log.error({ err: error }, 'journal line lost'),
  });
  const metrics = new AgentMetrics();
  const database = new DatabaseWatch(sql);
  const services = new ServiceWatch(platform.services, WATCHED_UNITS);
  return {
    config,
    log,
    platform,
    journal,
    database,
    services,
    metrics,
    claims: new Claims(config.claims),
    executor: new Executor({ config, platform, sql, journal, locks: new Locks(), metrics }),
    heartbeats: new HeartbeatSource(config, database, services, metrics),
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
    startedAt: Date.now(),
    close: () => database.close(),
  };
}
