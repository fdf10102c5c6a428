/** The accounts of a pair, as parameters of sql-ensure: the same on both hosts, outside the binary log. Pure. */

import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { ActionParams } from '../../shared/protocol/actions.ts';
import type { PairSecrets } from '../secrets.ts';

export const REPLICATION_USER = 'hotpair_repl';
export const VERIFY_USER = 'hotpair_verify';
export const HOTPAIR_SCHEMA = 'hotpair';

type Account = Extract<ActionParams<'sql-ensure'>, { kind: 'user' }>;

/** Both addresses on both hosts, so that the grant tables of the two are equal. */
export function replicationAccounts(pair: PairSpec, secrets: PairSecrets): readonly Account[] {
  return pair.hosts.map((peer: HostSpec) => ({
    kind: 'user',
    user: REPLICATION_USER,
    host: peer.address,
    password: secrets.replication,
    requireSsl: true,
    // SLAVE MONITOR and BINLOG MONITOR let the peer's guard see how far this server is.
    grants: [
      { privileges: ['REPLICATION SLAVE', 'SLAVE MONITOR', 'BINLOG MONITOR'], database: '*', table: '*' },
    ],
    binlog: false,
  }));
}

export function verifyAccount(secrets: PairSecrets): Account {
  return {
    kind: 'user',
    user: VERIFY_USER,
    host: '%',
    password: secrets.verify,
    requireSsl: true,
    grants: [{ privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'], database: HOTPAIR_SCHEMA, table: '*' }],
    binlog: false,
  };
}

/** null when the YAML asks for no application account. */
export function applicationAccount(pair: PairSpec, secrets: PairSecrets): Account | null {
  const { application } = pair.database;
  if (application === null || secrets.application === null) return null;
  return {
    kind: 'user',
    user: application.user,
    host: application.from,
    password: secrets.application,
    requireSsl: false,
    grants: [{ privileges: ['ALL PRIVILEGES'], database: application.database, table: '*' }],
    binlog: false,
  };
}
