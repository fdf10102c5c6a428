/** sql-read: a named question about the server, or one free statement in a read-only transaction with limits. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { SqlReadFacts, SqlRow } from '../../shared/model/action-facts.ts';
import type { ActionParams } from '../../shared/protocol/actions.ts';
import { readDatabaseState } from '../host/database-state.ts';
import type { Row, SqlSession } from '../host/sql.ts';
import { refuseStatement } from '../parse/read-only-statement.ts';
import { defineAction } from './action.ts';

type Params = ActionParams<'sql-read'>;
type Named = NonNullable<Params['named']>;

const DEFAULT_ROWS = 1000;
const DEFAULT_TIMEOUT_MS = 10_000;
/** Longest text of one field in an answer. */
const LONGEST_FIELD = 64 * 1024;

export const sqlRead = defineAction<'sql-read', SqlReadFacts>({
  resources: () => [],
  check(host, params) {
    if ((params.named === undefined) === (params.query === undefined))
      throw new AppError('INVALID_PARAMS', 'sql-read needs exactly one of named and query.');
    const timeoutMs = (params.timeoutMs ?? DEFAULT_TIMEOUT_MS) + 1000;
    return host.sql.session((session) => answer(session, params), { signal: host.signal, timeoutMs });
  },
  facts: (facts) => facts,
});

async function answer(session: SqlSession, params: Params): Promise<SqlReadFacts> {
  return params.named === undefined ? await runFree(session, params) : await NAMED[params.named](session);
}

const NAMED: { readonly [N in Named]: (session: SqlSession) => Promise<SqlReadFacts> } = {
  'database-state': async (session) => ({ named: 'database-state', state: await readDatabaseState(session) }),
  variables: async (session) => {
    const rows = await session.query('SHOW GLOBAL VARIABLES');
    const pairs = rows.map((row) => [String(row['Variable_name']), String(row['Value'] ?? '')]);
    return { named: 'variables', variables: Object.fromEntries(pairs) };
  },
  accounts: async (session) => {
    const rows = await session.query(
      `SELECT User AS user, Host AS host, JSON_VALUE(Priv, '$.plugin') AS plugin, JSON_VALUE(Priv, '$.ssl_type') AS ssl_type
         FROM mysql.global_priv WHERE COALESCE(JSON_VALUE(Priv, '$.is_role'), 0) = 0 ORDER BY User, Host`,
    );
    const accounts = rows.map((row) => ({
      user: String(row['user']),
      host: String(row['host']),
      plugin: String(row['plugin'] ?? ''),
      requireSsl: Number(row['ssl_type'] ?? 0) > 0,
    }));
    return { named: 'accounts', accounts };
  },
  databases: async (session) => {
    const rows = await session.query(
      `SELECT s.SCHEMA_NAME AS name, COUNT(t.TABLE_NAME) AS tables FROM information_schema.SCHEMATA s
         LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME GROUP BY s.SCHEMA_NAME ORDER BY 1`,
    );
    const databases = rows.map((row) => ({ name: String(row['name']), tables: Number(row['tables']) }));
    return { named: 'databases', databases };
  },
  // Without the text of the statements: they can hold secrets.
  processes: async (session) => ({
    named: 'processes',
    rows: plainRows(
      await session.query(
        'SELECT ID AS id, USER AS user, HOST AS host, DB AS db, COMMAND AS command, TIME AS time, STATE AS state FROM information_schema.PROCESSLIST ORDER BY ID LIMIT 1000',
      ),
    ),
  }),
  'verify-rows': async (session) => ({
    named: 'verify-rows',
    rows: plainRows(
      await session.query(
        'SELECT token, server_id, created FROM hotpair.verify ORDER BY created DESC LIMIT 1000',
      ),
    ),
  }),
  'binlog-domains': async (session) => {
    const [row] = await session.query('SELECT @@GLOBAL.gtid_binlog_pos AS pos');
    return { named: 'binlog-domains', domains: parseGtidList(String(row?.['pos'] ?? '')) };
  },
};

/** "0-1-42,101-1-7" -> { "0": 42, "101": 7 }. */
export function parseGtidList(text: string): Record<string, number> {
  const parts = text.split(',').flatMap((gtid): [string, number][] => {
    const [domain, , sequence] = gtid.trim().split('-');
    return domain === undefined || sequence === undefined ? [] : [[domain, Number(sequence)]];
  });
  return Object.fromEntries(parts);
}

async function runFree(session: SqlSession, params: Params): Promise<SqlReadFacts> {
  const query = (params.query ?? '').trim().replace(/;\s*$/, '');
  const refusal = refuseStatement(query);
  if (refusal !== null)
    throw new AppError(
      'REFUSED',
      `The statement was refused: ${refusal}. Only one statement that reads is run.`,
    );
  const limit = params.rowLimit ?? DEFAULT_ROWS;
  await session.query('SET SESSION max_statement_time = ?', [
    (params.timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1000,
  ]);
  await session.query('SET SESSION sql_select_limit = ?', [limit + 1]);
  await session.query('START TRANSACTION READ ONLY');
  const rows = await session.query(query);
  const shown = plainRows(rows.slice(0, limit));
  return { named: null, columns: Object.keys(rows[0] ?? {}), rows: shown, truncated: rows.length > limit };
}

/** Values as JSON can carry them: bytes as hexadecimal, long texts cut. */
function plainRows(rows: readonly Row[]): readonly SqlRow[] {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
  );
}

function plain(value: unknown): string | number | null {
  if (value === null || typeof value === 'number') return value;
  if (Buffer.isBuffer(value)) return `0x${value.subarray(0, LONGEST_FIELD / 2).toString('hex')}`;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > LONGEST_FIELD ? `${text.slice(0, LONGEST_FIELD)}…` : text;
}
