/**
 * The `user` part of sql-ensure. The password itself never goes to the server or into a diff: its hash does, and the
 * stored hash is what it is compared with.
 */

import { type Static, Type } from 'typebox';
import type { ActionParams, Change } from '../../shared/protocol/actions.ts';
import { decode } from '../../shared/protocol/decode.ts';
import type { SqlSession } from '../host/sql.ts';
import { nativePasswordHash } from '../parse/native-password.ts';
import { type Grant, type GrantStep, parseGrants, planGrants, wantedGrants } from '../parse/sql-grants.ts';

export type UserParams = Extract<ActionParams<'sql-ensure'>, { kind: 'user' }>;

const AccountSchema = Type.Object({
  plugin: Type.Optional(Type.String()),
  authentication_string: Type.Optional(Type.String()),
  /** 0 or missing: none; 1: any TLS connection; 2: X509; 3: named. */
  ssl_type: Type.Optional(Type.Integer()),
});
type Account = Static<typeof AccountSchema>;

export interface UserState {
  readonly kind: 'user';
  readonly exists: boolean;
  readonly passwordMatches: boolean;
  readonly requireSsl: boolean;
  readonly grants: readonly Grant[];
}

const NATIVE = new Set(['', 'mysql_native_password']);

export async function checkUser(session: SqlSession, params: UserParams): Promise<UserState> {
  const [row] = await session.query(
    'SELECT Priv AS priv FROM mysql.global_priv WHERE User = ? AND Host = ?',
    [params.user, params.host],
  );
  if (row === undefined)
    return { kind: 'user', exists: false, passwordMatches: false, requireSsl: false, grants: [] };
  const account: Account = decode(
    AccountSchema,
    JSON.parse(String(row['priv'])),
    'mysql.global_priv',
    'INTERNAL',
  );
  const lines = await session.query('SHOW GRANTS FOR ?@?', [params.user, params.host]);
  return {
    kind: 'user',
    exists: true,
    passwordMatches:
      NATIVE.has(account.plugin ?? '') &&
      account.authentication_string === nativePasswordHash(params.password),
    requireSsl: (account.ssl_type ?? 0) === 1,
    grants: parseGrants(lines.map((line) => String(Object.values(line)[0] ?? ''))),
  };
}

export function planUser(state: UserState, params: UserParams): readonly Change[] {
  const subject = `account ${params.user}@${params.host}`;
  const changes: Change[] = [];
  if (!state.exists) changes.push({ subject, summary: 'create' });
  else if (!state.passwordMatches) changes.push({ subject, summary: 'change password' });
  if (state.exists && state.requireSsl !== params.requireSsl)
    changes.push({ subject, summary: params.requireSsl ? 'require TLS' : 'do not require TLS' });
  for (const step of grantSteps(state, params))
    changes.push({
      subject,
      summary: `${step.verb.toLowerCase()} ${step.privileges.join(', ')} on ${step.on}`,
    });
  return changes;
}

export async function applyUser(session: SqlSession, state: UserState, params: UserParams): Promise<void> {
  const account = [params.user, params.host];
  const require = params.requireSsl ? 'REQUIRE SSL' : 'REQUIRE NONE';
  const hash = nativePasswordHash(params.password);
  if (!state.exists)
    await session.query(`CREATE USER ?@? IDENTIFIED VIA mysql_native_password USING ? ${require}`, [
      ...account,
      hash,
    ]);
  else if (!state.passwordMatches || state.requireSsl !== params.requireSsl)
    await session.query(`ALTER USER ?@? IDENTIFIED VIA mysql_native_password USING ? ${require}`, [
      ...account,
      hash,
    ]);
  for (const step of grantSteps(state, params)) await applyStep(session, step, account);
}

async function applyStep(session: SqlSession, step: GrantStep, account: readonly string[]): Promise<void> {
  // Privileges come from the schema's alphabet (A-Z and blanks) or from the server, targets are quoted names.
  const link = step.verb === 'GRANT' ? 'TO' : 'FROM';
  await session.query(`${step.verb} ${step.privileges.join(', ')} ON ${step.on} ${link} ?@?`, account);
}

function grantSteps(state: UserState, params: UserParams): readonly GrantStep[] {
  return planGrants(state.grants, wantedGrants(params.grants));
}
