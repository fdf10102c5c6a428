/** sql-ensure: an account with exactly these rights, a database, a server variable, or hotpair's own schema. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { SqlEnsureFacts } from '../../shared/model/action-facts.ts';
import type { ActionParams, Change } from '../../shared/protocol/actions.ts';
import { createSchema, missingOfSchema } from '../host/hotpair-schema.ts';
import { quoteName, type SqlSession, type SqlValue } from '../host/sql.ts';
import { defineAction } from './action.ts';
import { applyUser, checkUser, planUser, type UserState } from './sql-user.ts';

type Params = ActionParams<'sql-ensure'>;
type State = UserState | Exclude<SqlEnsureFacts, { kind: 'user' }>;

export const sqlEnsure = defineAction<'sql-ensure', State>({
  resources: () => ['sql'],
  check: (host, params) =>
    host.sql.session((session) => checkState(session, params), { signal: host.signal }),
  plan: planSql,
  apply: (host, state, params) =>
    host.sql.session((session) => applySql(session, state, params), {
      signal: host.signal,
      binlog: params.kind === 'variable' || params.binlog,
      timeoutMs: 60_000,
    }),
  facts: (state) =>
    state.kind === 'user'
      ? {
          ...state,
          grants: state.grants.map((grant) => `${[...grant.privileges].join(', ')} ON ${grant.on}`),
        }
      : state,
});

async function checkState(session: SqlSession, params: Params): Promise<State> {
  switch (params.kind) {
    case 'user':
      return await checkUser(session, params);
    case 'database': {
      const found = await session.query(
        'SELECT 1 AS there FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
        [params.database],
      );
      return { kind: 'database', exists: found.length > 0 };
    }
    case 'variable': {
      const [row] = await session.query('SHOW GLOBAL VARIABLES WHERE Variable_name = ?', [params.name]);
      if (row === undefined) throw new AppError('NOT_FOUND', `The server has no variable ${params.name}.`);
      return { kind: 'variable', value: String(row['Value'] ?? '') };
    }
    case 'hotpair-schema':
      return { kind: 'hotpair-schema', missing: await missingOfSchema(session) };
  }
}

function planSql(state: State, params: Params): readonly Change[] {
  if (state.kind === 'user' && params.kind === 'user') return planUser(state, params);
  if (state.kind === 'database' && params.kind === 'database')
    return state.exists ? [] : [{ subject: `database ${params.database}`, summary: 'create' }];
  if (state.kind === 'variable' && params.kind === 'variable')
    return sameValue(state.value, params.value)
      ? []
      : [
          {
            subject: `variable ${params.name}`,
            summary: 'set',
            diff: `${state.value} -> ${String(params.value)}`,
          },
        ];
  if (state.kind === 'hotpair-schema')
    return state.missing.map((name) => ({ subject: `schema ${name}`, summary: 'create' }));
  return [];
}

async function applySql(session: SqlSession, state: State, params: Params): Promise<void> {
  switch (params.kind) {
    case 'user':
      if (state.kind === 'user') await applyUser(session, state, params);
      return;
    case 'database':
      await session.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(params.database)}`);
      return;
    case 'variable':
      await session.query(`SET GLOBAL ${quoteName(params.name)} = ?`, [settable(params.value)]);
      return;
    case 'hotpair-schema':
      await createSchema(session);
  }
}

/** The server shows booleans as ON and OFF, and takes 1 and 0 for them. */
export function sameValue(shown: string, wanted: string | number | boolean): boolean {
  return canonical(shown) === canonical(String(wanted));
}

function canonical(text: string): string {
  const upper = text.toUpperCase();
  if (upper === 'ON' || upper === 'TRUE') return '1';
  if (upper === 'OFF' || upper === 'FALSE') return '0';
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? String(number) : upper;
}

function settable(value: string | number | boolean): SqlValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  // A number in a string is still a number to the server: it refuses '5' for a numeric variable.
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}
