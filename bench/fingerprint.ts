/** What a deploy leaves on a host, as lines that are equal after every deploy of the same pair: no keys, no times. */

import type { LabHost } from '../test/lab/lab.ts';

const folders = ['/etc/hotpair', '/etc/mysql', '/etc/keepalived', '/etc/systemd/system', '/opt/hotpair'];
const publicFiles = [
  '/etc/mysql/mariadb.conf.d/99-hotpair.cnf',
  '/etc/keepalived/keepalived.conf',
  '/etc/systemd/system/mariadb.service.d/hotpair.conf',
  '/etc/systemd/system/keepalived.service.d/hotpair.conf',
  '/etc/systemd/system/hotpair-agent.service',
  '/etc/systemd/system/hotpair-guard.service',
];
const units = ['mariadb.service', 'keepalived.service', 'hotpair-agent.service', 'hotpair-guard.service'];
const statements = [
  "SELECT CONCAT('account ', User, '@', Host) FROM mysql.global_priv ORDER BY 1",
  "SELECT CONCAT('grant ', GRANTEE, ' ', PRIVILEGE_TYPE) FROM information_schema.USER_PRIVILEGES ORDER BY 1",
  "SELECT CONCAT('database ', SCHEMA_NAME) FROM information_schema.SCHEMATA ORDER BY 1",
  "SELECT CONCAT('server ', @@server_id, ' ', @@gtid_domain_id, ' ', @@gtid_strict_mode, ' ', @@log_bin)",
];

export async function fingerprintOf(host: LabHost): Promise<string> {
  const words = async (argv: readonly string[]): Promise<string[]> => {
    const { stdout } = await host.exec([...argv], { check: false });
    return stdout.split('\n').filter((line) => line !== '');
  };
  const parts = await Promise.all([
    words(['find', ...folders, '-not', '-type', 'd', '-printf', '%p %m %u:%g\n']),
    words(['sha256sum', ...publicFiles]),
    words(['systemctl', 'is-enabled', ...units]),
    words(['systemctl', 'is-active', ...units]),
    words(['dpkg-query', '--show', 'mariadb-server', 'keepalived']),
    words(['dpkg', '--audit']),
    words(['mariadb', '--skip-column-names', '--execute', statements.join('; ')]),
  ]);
  return parts
    .flatMap((lines, index) => (index === 0 ? lines.toSorted() : lines))
    .map((line) => `${host.name}: ${line}`)
    .join('\n');
}
