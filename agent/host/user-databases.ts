/** What on the server is somebody's: databases besides the server's own and hotpair's. */

import type { Sql, SqlSession } from './sql.ts';

const OWN = ['information_schema', 'mysql', 'performance_schema', 'sys', 'hotpair'];
const LIST = `SELECT s.SCHEMA_NAME AS name, COUNT(t.TABLE_NAME) AS tables FROM information_schema.SCHEMATA s
  LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME
  WHERE s.SCHEMA_NAME NOT IN (${OWN.map(() => '?').join(', ')}) GROUP BY s.SCHEMA_NAME ORDER BY s.SCHEMA_NAME`;

export async function listUserDatabases(
  session: SqlSession,
): Promise<readonly { readonly name: string; readonly tables: number }[]> {
  const rows = await session.query(LIST, OWN);
  return rows.map((row) => ({ name: String(row['name']), tables: Number(row['tables']) }));
}

export async function readUserDatabases(sql: Sql): Promise<readonly string[]> {
  const found = await sql.session(listUserDatabases, { timeoutMs: 3000 });
  return found.map((database) => database.name);
}
