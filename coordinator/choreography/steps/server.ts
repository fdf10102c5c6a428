/** The database server: its key pair, its configuration, running; then the accounts and schemas that a pair needs. */

import { HOST_PATHS } from '../../../shared/model/paths.ts';
import { applicationAccount, replicationAccounts, verifyAccount } from '../../render/accounts.ts';
import { renderServerConfig, SERVER_PKI } from '../../render/server-config.ts';
import { guardRuns, type HostPicture } from '../facts.ts';
import { defineStep, type HostView, type StepCall } from '../step.ts';

const START_MS = 60_000;
const STEP_MS = 3 * START_MS;

export const serverStep = defineStep({
  id: 'server',
  title: 'Database server',
  requires: ['packages'],
  standbyFirst: true,
  calls: (view) => [...keyFiles(view), configFile(view), service(view)],
  missing: ({ hosts }, host) => serverProblem(hosts[host]),
  waitMs: 30_000,
});

function keyFiles({ flavor }: HostView): StepCall[] {
  const copy = (path: string, copyOf: string, mode: number): StepCall => ({
    action: 'file-ensure',
    params: { path, copyOf, mode, owner: flavor.owner, group: flavor.owner },
  });
  return [
    copy(SERVER_PKI.key, HOST_PATHS.databaseKey, 0o600),
    copy(SERVER_PKI.certificate, HOST_PATHS.databaseCert, 0o644),
  ];
}

function configFile({ flavor, pair, host }: HostView): StepCall {
  return {
    action: 'file-ensure',
    params: {
      path: HOST_PATHS.serverDropIn,
      content: renderServerConfig(flavor, pair, host),
      mode: 0o644,
      validate: 'mariadb',
    },
  };
}

/**
 * Once the guard is there it is the one that starts the server, in the role that it knows to be safe; the deploy then
 * restarts a server that runs with an older configuration, and starts none.
 */
function service({ flavor, facts, host }: HostView): StepCall {
  const guarded = guardRuns(facts.hosts[host.ordinal === 1 ? 0 : 1]);
  return {
    action: 'service-ensure',
    deadlineMs: STEP_MS,
    params: {
      unit: flavor.unit,
      ...(guarded ? {} : { running: true }),
      enabled: false,
      restartIfOlderThan: [HOST_PATHS.serverDropIn, SERVER_PKI.key, SERVER_PKI.certificate],
      rollback: [HOST_PATHS.serverDropIn],
      readyTimeoutMs: START_MS,
    },
  };
}

function serverProblem({ spec, heartbeat: { database } }: HostPicture): string | null {
  if (database.up) return null;
  return `the server on ${spec.name} does not answer${database.error === null ? '' : `: ${database.error}`}`;
}

/** The same on both hosts and outside the binary log: there is no replication yet that could carry it. */
export const accountsStep = defineStep({
  id: 'accounts',
  title: 'Accounts and schemas',
  requires: ['server'],
  calls: ({ pair, secrets }) => {
    const { application } = pair.database;
    const account = applicationAccount(pair, secrets);
    const ensure = (params: Extract<StepCall, { action: 'sql-ensure' }>['params']): StepCall => ({
      action: 'sql-ensure',
      params,
    });
    return [
      ensure({ kind: 'hotpair-schema', binlog: false }),
      ...replicationAccounts(pair, secrets).map(ensure),
      ensure(verifyAccount(secrets)),
      ...(application === null
        ? []
        : [ensure({ kind: 'database', database: application.database, binlog: false })]),
      ...(account === null ? [] : [ensure(account)]),
    ];
  },
});
