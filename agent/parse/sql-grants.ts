/** Grants as data: what SHOW GRANTS says, what is asked for, and the statements between the two. Pure. */

import { quoteDatabasePattern, quoteName } from '../host/sql.ts';

export interface Grant {
  /** As the server writes it: `*.*`, `` `db`.* ``, `` `db`.`table` ``. */
  readonly on: string;
  readonly privileges: ReadonlySet<string>;
}

export interface WantedGrant {
  readonly privileges: readonly string[];
  readonly database: string;
  readonly table: string;
}

/** Other names of the same privilege, as MariaDB 10.5 and later shows it. */
const SHOWN_AS: Readonly<Record<string, string>> = {
  'REPLICATION CLIENT': 'BINLOG MONITOR',
  'REPLICATION REPLICA': 'REPLICATION SLAVE',
  'REPLICA MONITOR': 'SLAVE MONITOR',
  'REPLICATION REPLICA ADMIN': 'REPLICATION SLAVE ADMIN',
  'DELETE VERSIONING ROWS': 'DELETE HISTORY',
  ALL: 'ALL PRIVILEGES',
};

export function normalizePrivilege(name: string): string {
  const upper = name.trim().toUpperCase().replace(/\s+/g, ' ');
  return SHOWN_AS[upper] ?? upper;
}

export function grantTarget(grant: WantedGrant): string {
  if (grant.database === '*') return '*.*';
  if (grant.table === '*') return `${quoteDatabasePattern(grant.database)}.*`;
  return `${quoteName(grant.database)}.${quoteName(grant.table)}`;
}

/** Lines of SHOW GRANTS; USAGE is the absence of privileges. Column privileges keep their text and so never match. */
export function parseGrants(lines: readonly string[]): readonly Grant[] {
  return mergeGrants(
    lines.flatMap((line) => {
      const match = /^GRANT (.+?) ON (?:TABLE )?(\*\.\*|`(?:[^`]|``)+`\.(?:\*|`(?:[^`]|``)+`)) TO /.exec(
        line,
      );
      if (match?.[1] === undefined || match[2] === undefined) return [];
      const names = match[1].split(/,\s*/).map(normalizePrivilege);
      const option = / WITH (?:.* )?GRANT OPTION/.test(line) ? ['GRANT OPTION'] : [];
      return [
        { on: match[2], privileges: new Set([...names.filter((name) => name !== 'USAGE'), ...option]) },
      ];
    }),
  );
}

export function wantedGrants(grants: readonly WantedGrant[]): readonly Grant[] {
  return mergeGrants(
    grants.map((grant) => ({
      on: grantTarget(grant),
      privileges: new Set(grant.privileges.map(normalizePrivilege)),
    })),
  );
}

export interface GrantStep {
  readonly verb: 'GRANT' | 'REVOKE';
  readonly privileges: readonly string[];
  readonly on: string;
}

/** What is to be revoked first, then what is to be granted. */
export function planGrants(actual: readonly Grant[], wanted: readonly Grant[]): readonly GrantStep[] {
  const revokes = actual.flatMap((grant) => step('REVOKE', grant, find(wanted, grant.on)));
  const grants = wanted.flatMap((grant) => step('GRANT', grant, find(actual, grant.on)));
  return [...revokes, ...grants];
}

function step(verb: GrantStep['verb'], grant: Grant, other: ReadonlySet<string>): GrantStep[] {
  const privileges = [...grant.privileges].filter((name) => !other.has(name)).sort();
  return privileges.length === 0 ? [] : [{ verb, privileges, on: grant.on }];
}

const find = (grants: readonly Grant[], on: string): ReadonlySet<string> =>
  grants.find((grant) => grant.on === on)?.privileges ?? new Set();

function mergeGrants(grants: readonly Grant[]): readonly Grant[] {
  const merged = new Map<string, Set<string>>();
  for (const grant of grants) {
    const known = merged.get(grant.on) ?? new Set<string>();
    for (const name of grant.privileges) known.add(name);
    merged.set(grant.on, known);
  }
  return [...merged].filter(([, names]) => names.size > 0).map(([on, privileges]) => ({ on, privileges }));
}
