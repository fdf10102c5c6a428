/** /etc/hotpair/guard.json of one host. It holds the replication password: mode 0600, never in a diff. Pure. */

import type { Flavor } from '../../shared/flavor/flavor.ts';
import type { GuardConfigFile } from '../../shared/model/guard-config.ts';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { PairSecrets } from '../secrets.ts';
import { REPLICATION_USER } from './accounts.ts';
import { SERVER_PKI } from './server-config.ts';

export function renderGuardConfig(
  flavor: Flavor,
  pair: PairSpec,
  host: HostSpec,
  peer: HostSpec,
  secrets: PairSecrets,
): string {
  const config: GuardConfigFile = {
    pair: pair.name,
    host: host.name,
    ordinal: host.ordinal,
    vip: pair.vip,
    vipPrefix: pair.vipPrefix,
    interface: host.interface,
    peer: { name: peer.name, address: peer.address },
    voting: { address: host.address, port: pair.guardPort, protection: pair.protection, fence: pair.fence },
    database: {
      socket: flavor.socket,
      unit: flavor.unit,
      port: pair.database.port,
      replicationUser: REPLICATION_USER,
      replicationPassword: secrets.replication,
      ca: SERVER_PKI.authority,
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
