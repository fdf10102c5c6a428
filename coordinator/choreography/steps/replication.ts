/** Replication both ways, by GTID and over TLS; and one row each way as its first proof. */

import type { DatabaseState } from '../../../shared/model/facts.ts';
import type { ActionParams } from '../../../shared/protocol/actions.ts';
import { REPLICATION_USER } from '../../render/accounts.ts';
import { SERVER_PKI } from '../../render/server-config.ts';
import { guardRuns, type HostPicture, type PairFacts, replicates } from '../facts.ts';
import { defineStep, type HostView, type StepCall } from '../step.ts';

/** Both channels are configured, and both binary logs are new, before either thread starts to read the other's. */
export const channelsStep = defineStep({
  id: 'channels',
  title: 'Replication channels',
  requires: ['accounts'],
  // A server that does not answer hides its channel; "not running" must never be asked of a channel that is there.
  calls: (view) => {
    const { up, channel } = databaseOf(view);
    return up && channel !== null ? [] : [replication(view, false, true)];
  },
  pre: ({ hosts }, host) =>
    hosts[host].heartbeat.database.up ? null : `the server on ${hosts[host].spec.name} does not answer`,
});

export const replicationStep = defineStep({
  id: 'replication',
  title: 'Replication both ways',
  requires: ['channels'],
  joins: true,
  pre: versionsDiffer,
  calls: (view) => [replication(view, threadsOf(view), false)],
  missing: (facts, host) =>
    isGuarded(facts) || replicates(facts.hosts[host])
      ? null
      : `${facts.hosts[host].spec.name} does not replicate`,
  waitMs: 15_000,
});

/** A replica older than its source may not read what it gets; package sources can differ though the systems do not. */
function versionsDiffer({ hosts: [a, b] }: PairFacts): string | null {
  const [one, other] = [a, b].map(({ heartbeat }) => heartbeat.database.version);
  if (one === other || typeof one !== 'string' || typeof other !== 'string') return null;
  return `${a.spec.name} runs the server ${one}, ${b.spec.name} runs ${other}; bring both to the same version`;
}

/**
 * Once there is a guard it is the one that starts threads: it knows when that loses nothing, and one that is alone yet,
 * because the deploy was cut off before the other one, lets nothing through until both are there. Then only the channel's
 * configuration is the deploy's; that it runs is asked for at the end, of the pair that serves.
 */
const isGuarded = ({ hosts }: PairFacts): boolean => hosts.some(guardRuns);

/** Threads that are stopped to change the channel are started again. */
function threadsOf({ facts, host }: HostView): true | undefined {
  const own = facts.hosts[host.ordinal === 1 ? 0 : 1];
  return !isGuarded(facts) || replicates(own) ? true : undefined;
}

/** The channel as the pair has it; its threads stay as they are where `running` is left out. */
export function replication(
  { pair, secrets, peer }: HostView,
  running: boolean | undefined,
  fresh: boolean,
): StepCall {
  const source: ActionParams<'replication-ensure'>['source'] = {
    host: peer.address,
    port: pair.database.port,
    user: REPLICATION_USER,
    password: secrets.replication,
    sslCa: SERVER_PKI.authority,
  };
  const threads = running === undefined ? {} : { running };
  return { action: 'replication-ensure', params: { source, ...threads, fresh } };
}

function databaseOf({ facts, host }: HostView): DatabaseState {
  return facts.hosts[host.ordinal === 1 ? 0 : 1].heartbeat.database;
}

const ROW_MS = 10_000;

/**
 * Rows of hotpair are written in a GTID domain of the host's own, 100 + server_id, so the position of a server shows
 * for ever whether a row of the other one has arrived: nothing is written where both have seen both.
 */
export const rowsStep = defineStep({
  id: 'rows',
  title: 'A row each way',
  requires: ['replication'],
  joins: true,
  calls: ({ facts, host, peer, mode }) =>
    rowsMissing(facts) === null ? [] : rowCalls(host.name, peer.name, mode),
  missing: rowsMissing,
  waitMs: 5000,
});

function rowCalls(own: string, peer: string, mode: HostView['mode']): StepCall[] {
  return [
    { action: 'verify-row-ensure', params: { token: `deploy-${own}` } },
    {
      action: 'verify-row-read',
      params: { token: `deploy-${peer}`, timeoutMs: mode === 'plan' ? 0 : ROW_MS },
      deadlineMs: ROW_MS + 5000,
      satisfied: ({ facts }) =>
        typeof facts === 'object' && facts !== null && 'found' in facts && facts.found === true,
    },
  ];
}

function rowsMissing(facts: PairFacts): string | null {
  for (const picture of facts.hosts)
    for (const { spec } of facts.hosts)
      if (!hasDomain(picture, 100 + spec.ordinal))
        return `no row of ${spec.name} has arrived on ${picture.spec.name}`;
  return null;
}

function hasDomain({ heartbeat: { database } }: HostPicture, domain: number): boolean {
  return `${database.gtidBinlogPos},${database.gtidSlavePos}`
    .split(',')
    .some((gtid) => gtid.startsWith(`${domain}-`));
}
