/** The load's table on a host of the lab, through the server's own socket as root. */

import type { LabHost } from '../host.ts';
import type { FinalRow } from './check.ts';

export interface LoadTable {
  readonly database: string;
  readonly table: string;
}

/** Runs statements on a host's server; returns rows of columns. */
export async function sql(host: LabHost, statements: string, timeoutMs = 20_000): Promise<string[][]> {
  const { stdout } = await host.exec(['mariadb', '--no-defaults', '-N', '-B'], {
    input: statements,
    timeoutMs,
  });
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** Runs statements and returns their columns by name; the last row of a name counts. */
export async function vertical(
  host: LabHost,
  statements: string,
  timeoutMs = 20_000,
): Promise<Map<string, string>> {
  const argv = ['mariadb', '--no-defaults', '--vertical'];
  const { stdout } = await host.exec(argv, { input: statements, timeoutMs });
  const lines = stdout.split('\n').map((line) => /^\s*(\w+): (.*)$/.exec(line));
  return new Map(lines.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']])));
}

export async function createLoadTable(
  host: LabHost,
  { database, table }: LoadTable,
  counters = 0,
): Promise<void> {
  const columns =
    'id BIGINT PRIMARY KEY, writer INT NOT NULL, server_id INT NOT NULL, at DATETIME(6) NOT NULL';
  const counterColumns = 'k INT PRIMARY KEY, value BIGINT NOT NULL, last_id BIGINT NOT NULL';
  const zeros = Array.from({ length: counters }, (_, k) => `(${k}, 0, 0)`).join(', ');
  await sql(
    host,
    [
      `CREATE TABLE ${database}.${table} (${columns}) ENGINE=InnoDB;`,
      ...(counters === 0
        ? []
        : [
            `CREATE TABLE ${database}.${table}_counter (${counterColumns}) ENGINE=InnoDB;`,
            `INSERT INTO ${database}.${table}_counter VALUES ${zeros};`,
          ]),
    ].join('\n'),
  );
}

export async function readRows(host: LabHost, { database, table }: LoadTable): Promise<FinalRow[]> {
  const rows = await sql(host, `SELECT id, server_id FROM ${database}.${table} ORDER BY id;`);
  return rows.map(([id, serverId]) => ({ id: Number(id), serverId: Number(serverId) }));
}

/** Of each host, by its name. */
export async function readRowsOf(
  hosts: readonly LabHost[],
  table: LoadTable,
): Promise<Map<string, readonly FinalRow[]>> {
  return new Map(
    await Promise.all(hosts.map(async (host) => [host.name, await readRows(host, table)] as const)),
  );
}

/** Value and last writer's id of each shared counter. */
export async function readCounters(host: LabHost, { database, table }: LoadTable): Promise<string[]> {
  const rows = await sql(host, `SELECT k, value, last_id FROM ${database}.${table}_counter ORDER BY k;`);
  return rows.map((row) => row.join(' '));
}
