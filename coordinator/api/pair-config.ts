/** How a pair is meant to be: its part of the file, its last deploy, and what differs on its hosts. Paths of secrets stay out. */

import type { PairConfig } from '../../shared/api/pair-config.ts';
import type { Store } from '../store/open-store.ts';
import type { BoardPair } from './pair-board.ts';

const LATELY = 200;

export function pairConfig({ spec, state }: BoardPair, store: Store): PairConfig {
  const { database, vrrp, protection, fence } = spec;
  const { application } = database;
  return {
    ...{ pair: spec.name, vip: `${spec.vip}/${spec.vipPrefix}`, protection, fence },
    hosts: spec.hosts.map(({ name, address, interface: device }) => {
      const host = state.hosts.find((one) => one.name === name);
      const says = host?.reachable === true && host.heartbeat !== null;
      const drift = says ? host.drift.map(({ path, how }) => ({ path, how })) : null;
      return { name, address, interface: device, drift };
    }),
    database: {
      ...{ flavor: database.flavor, port: database.port, settings: { ...database.settings } },
      application:
        application === null
          ? null
          : { database: application.database, user: application.user, from: application.from },
    },
    vrrp: { ...vrrp },
    lastDeploy: store.runs.list(spec.name, LATELY).findLast(({ command }) => command === 'deploy') ?? null,
  };
}
