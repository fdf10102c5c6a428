/** GET /v1/pairs: the watcher's picture of every pair. */

import type { FastifyInstance } from 'fastify';
import type { HostState } from '../../watch/host-state.ts';
import type { PairState } from '../../watch/pair-state.ts';
import type { AppOptions } from '../app.ts';

export function pairsRoute(app: FastifyInstance, { watchers }: AppOptions): void {
  app.get('/v1/pairs', () => watchers.map((watcher) => describePair(watcher.state)));
}

function describePair(state: PairState) {
  const { pair, vip, holder, missing, duplicated, twoWriters, deployed } = state;
  const primary = state.hosts.find((host) => host.reachable && host.role === 'primary')?.name ?? null;
  const hosts = state.hosts.map((host) => describeHost(host, state.time));
  return {
    pair,
    deployed,
    vip,
    vipHolder: missing ? null : holder,
    missing,
    duplicated,
    twoWriters,
    primary,
    hosts,
  };
}

function describeHost(host: HostState, now: number) {
  const { name, reachable, role, server, replication, keepalived, guard, heartbeat } = host;
  return {
    ...{ name, reachable, role, hasVip: host.vip !== null, server, replication, keepalived, guard },
    heartbeatAgeMs: heartbeat === null ? null : Math.round(now - host.heardAt),
    heartbeat,
  };
}
