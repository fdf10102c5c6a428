/** Sets the how-to's pair up on two hosts of the lab, the way the how-to does: packages, files, accounts, positions. */

import { randomBytes } from 'node:crypto';
import type { LabHost } from '../../test/lab/lab.ts';
import {
  createMarkerTable,
  type PairUnderTest,
  waitUntilWhole,
} from '../../test/lab/load/pair-under-test.ts';
import { sql } from '../../test/lab/load/tables.ts';
import {
  type BaselineHost,
  baselinePaths,
  renderAccounts,
  renderChangeMaster,
  renderCheck,
  renderKeepalived,
  renderServer,
} from './config.ts';

const routerId = 77;
const prefix = 24;

export async function setUpBaseline(hosts: readonly [LabHost, LabHost], vip: string): Promise<PairUnderTest> {
  const names = {
    database: 'app',
    user: 'app',
    password: randomBytes(12).toString('hex'),
    replicationPassword: randomBytes(12).toString('hex'),
  };
  const [first, second] = hosts;
  await Promise.all([
    prepare(first, { ordinal: 1, name: first.name, interface: 'eth0' }, vip, names),
    prepare(second, { ordinal: 2, name: second.name, interface: 'eth0' }, vip, names),
  ]);
  const positions = await Promise.all(hosts.map(masterPosition));
  await replicateFrom(first, second, positions[1], names.replicationPassword);
  await replicateFrom(second, first, positions[0], names.replicationPassword);
  for (const host of hosts) await host.exec(['systemctl', 'enable', '--now', 'keepalived']);
  const pair: PairUnderTest = {
    name: 'baseline',
    hosts,
    vip,
    account: names,
    readOnlyStandby: false,
    markerTable: `${names.database}.load_marker`,
    repair: () => repair(hosts),
  };
  await createMarkerTable(first, pair.markerTable);
  await waitUntilWhole(pair, 30_000);
  return pair;
}

async function prepare(
  host: LabHost,
  place: BaselineHost,
  vip: string,
  names: Parameters<typeof renderAccounts>[0],
): Promise<void> {
  const install = [
    'apt-get',
    'install',
    '-q',
    '-y',
    '--no-install-recommends',
    'mariadb-server',
    'keepalived',
  ];
  await host.exec(['apt-get', 'update', '-q'], { timeoutMs: 120_000 });
  await host.exec(install, { timeoutMs: 300_000 });
  await host.exec(['systemctl', 'stop', 'keepalived']);
  await write(host, baselinePaths.server, renderServer(place));
  await write(host, baselinePaths.check, renderCheck());
  await host.exec(['chmod', '0755', baselinePaths.check]);
  await write(host, baselinePaths.keepalived, renderKeepalived(place, { address: vip, prefix, routerId }));
  await host.exec(['systemctl', 'enable', 'mariadb']);
  await host.exec(['systemctl', 'restart', 'mariadb']);
  await sql(host, renderAccounts(names));
}

async function write(host: LabHost, path: string, text: string): Promise<void> {
  await host.exec(['tee', path], { input: text });
}

async function masterPosition(host: LabHost): Promise<{ file: string; position: string }> {
  const [[file = '', position = ''] = []] = await sql(host, 'SHOW MASTER STATUS;');
  return { file, position };
}

async function replicateFrom(
  replica: LabHost,
  source: LabHost,
  at: { file: string; position: string } | undefined,
  password: string,
): Promise<void> {
  if (at === undefined) throw new Error(`${source.name} told no binary log position`);
  await sql(replica, renderChangeMaster({ address: source.address, password, ...at }));
}

/** The administrator's visit: servers and keepalived started, replication told to try again now. */
async function repair(hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) {
    await host.exec(['systemctl', 'start', 'mariadb']);
    await host.exec(['systemctl', 'start', 'keepalived']);
  }
  for (const host of hosts) await sql(host, 'STOP SLAVE; START SLAVE;');
}
