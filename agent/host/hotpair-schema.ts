/** hotpair's own schema on the server: rows that verify writes, and heartbeats. */

import type { SqlSession } from './sql.ts';

const TABLES: Readonly<Record<string, string>> = {
  verify: `CREATE TABLE IF NOT EXISTS hotpair.verify (
    token VARCHAR(64) NOT NULL PRIMARY KEY, server_id INT NOT NULL, created DATETIME(6) NOT NULL) ENGINE=InnoDB`,
  heartbeat: `CREATE TABLE IF NOT EXISTS hotpair.heartbeat (
    server_id INT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL, ts DATETIME(6) NOT NULL) ENGINE=InnoDB`,
};

/** What of it is missing: "hotpair" for the database, then "hotpair.verify", "hotpair.heartbeat". */
export async function missingOfSchema(session: SqlSession): Promise<readonly string[]> {
  const databases = await session.query(
    "SELECT 1 AS there FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'hotpair'",
  );
  const rows = await session.query(
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'hotpair'",
  );
  const there = new Set(rows.map((row) => row['name']));
  const tables = Object.keys(TABLES).filter((name) => !there.has(name));
  return [...(databases.length === 0 ? ['hotpair'] : []), ...tables.map((name) => `hotpair.${name}`)];
}

export async function createSchema(session: SqlSession): Promise<void> {
  await session.query('CREATE DATABASE IF NOT EXISTS hotpair CHARACTER SET utf8mb4');
  for (const statement of Object.values(TABLES)) await session.query(statement);
}
