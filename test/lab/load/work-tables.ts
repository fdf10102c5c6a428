/** The tables of a whole workload (set, counter, bank) on a pair: made, compared, dropped. */

import type { LabHost } from '../host.ts';
import { bank } from './observer-settings.ts';
import { createLoadTable, type LoadTable, sql } from './tables.ts';

const suffixes = ['', '_counter', '_bank'] as const;

function namesOf({ database, table }: LoadTable): string[] {
  return suffixes.map((suffix) => `${database}.${table}${suffix}`);
}

export async function createWorkTables(host: LabHost, table: LoadTable): Promise<void> {
  await createLoadTable(host, table, 1);
  const accounts = Array.from({ length: bank.accounts }, (_, id) => `(${id}, ${bank.balance})`).join(', ');
  const name = `${table.database}.${table.table}_bank`;
  await sql(
    host,
    `CREATE TABLE ${name} (id INT PRIMARY KEY, balance INT NOT NULL) ENGINE=InnoDB; INSERT INTO ${name} VALUES ${accounts};`,
  );
}

export async function dropWorkTables(host: LabHost, table: LoadTable): Promise<void> {
  await sql(host, `DROP TABLE IF EXISTS ${namesOf(table).join(', ')};`);
}

/** Nobody else writes there for so long, or until the server ends. Resolves when that is over. */
export async function holdWorkTables(host: LabHost, table: LoadTable, seconds: number): Promise<void> {
  const locks = namesOf(table).map((name) => `${name} WRITE`);
  await sql(host, `LOCK TABLES ${locks.join(', ')}; SELECT SLEEP(${seconds}); UNLOCK TABLES;`);
}

/** Names of the tables whose content is not the same on all hosts. */
export async function differingTables(hosts: readonly LabHost[], table: LoadTable): Promise<string[]> {
  const [first = [], ...others] = await Promise.all(
    hosts.map((host) => sql(host, `CHECKSUM TABLE ${namesOf(table).join(', ')};`)),
  );
  return first.flatMap(([name = '', sum], index) =>
    others.every((other) => other[index]?.[1] === sum) ? [] : [name],
  );
}

export async function bankTotalOn(host: LabHost, { database, table }: LoadTable): Promise<number> {
  const [row] = await sql(host, `SELECT SUM(balance) FROM ${database}.${table}_bank;`);
  return Number(row?.[0]);
}
