/**
 * replication-ensure: this server replicates from the other one, by GTID and over TLS. Changes no channel that is as it
 * should be, and starts only the thread that is missing.
 */

import { AppError } from '../../shared/errors/app-error.ts';
import type { ReplicationFacts } from '../../shared/model/action-facts.ts';
import type { ActionParams, Change } from '../../shared/protocol/actions.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { Host } from '../host/host.ts';
import {
  ChannelMemory,
  type ChannelState,
  canConnect,
  changeMaster,
  drainAndStop,
  readChannel,
} from '../host/replication-channel.ts';
import type { SqlSession } from '../host/sql.ts';
import { listUserDatabases } from '../host/user-databases.ts';
import { defineAction } from './action.ts';

type Params = ActionParams<'replication-ensure'>;

export interface ReplicationState extends ChannelState {
  readonly passwordKnown: boolean;
  /** Databases of users that have tables. */
  readonly occupied: readonly string[];
}

const READY_MS = 10_000;

export const replicationEnsure = defineAction<'replication-ensure', ReplicationState>({
  resources: () => ['sql', 'replication'],
  check: (host, params) =>
    host.sql.session((session) => check(host, session, params), { signal: host.signal }),
  plan: planReplication,
  apply: (host, state, params) =>
    host.sql.session((session) => apply(host, session, state, params), {
      signal: host.signal,
      timeoutMs: 30_000,
    }),
  facts: (state): ReplicationFacts => ({
    channel: state.channel,
    gtidBinlogPos: state.gtidBinlogPos,
    gtidSlavePos: state.gtidSlavePos,
    configured: state.channel !== null && state.passwordKnown,
  }),
});

async function check(host: Host, session: SqlSession, params: Params): Promise<ReplicationState> {
  const databases = params.fresh ? await listUserDatabases(session) : [];
  return {
    ...(await readChannel(session)),
    passwordKnown: await new ChannelMemory(host.config.state).knows(params.source),
    occupied: databases.filter((database) => database.tables > 0).map((database) => database.name),
  };
}

/** Fields of the channel that differ from what is asked for, as "name: old -> new". */
function differences(state: ReplicationState, params: Params): readonly string[] {
  const { channel, row } = state;
  if (channel === null) return [];
  const pairs: readonly (readonly [string, string, string])[] = [
    ['source', `${channel.sourceHost}:${channel.sourcePort}`, `${params.source.host}:${params.source.port}`],
    ['user', String(row?.['Master_User'] ?? ''), params.source.user],
    ['GTID position', channel.usingGtid, 'Slave_Pos'],
    ['TLS', channel.ssl ? 'on' : 'off', 'on'],
    ['certificate check', String(row?.['Master_SSL_Verify_Server_Cert'] ?? ''), 'Yes'],
    ['CA', String(row?.['Master_SSL_CA_File'] ?? ''), params.source.sslCa],
    ['password', state.passwordKnown ? 'as set' : 'unknown', 'as set'],
  ];
  return pairs
    .filter(([, is, wanted]) => is !== wanted)
    .map(([name, is, wanted]) => `${name}: ${is} -> ${wanted}`);
}

export function planReplication(state: ReplicationState, params: Params): readonly Change[] {
  const subject = `replication from ${params.source.host}`;
  const { channel } = state;
  const changes: Change[] = [];
  if (needsReset(state, params))
    changes.push({ subject, summary: 'begin with an empty binary log and position' });
  const different = differences(state, params);
  if (channel === null) changes.push({ subject, summary: 'configure' });
  else if (different.length > 0)
    changes.push({ subject, summary: 'reconfigure', diff: different.join('\n') });
  const receives = channel !== null && channel.ioRunning !== 'No';
  const applies = channel?.sqlRunning === true;
  if (params.running === true && !receives) changes.push({ subject, summary: 'start receiving' });
  if (params.running === true && !applies) changes.push({ subject, summary: 'start applying' });
  if (params.running === false && (receives || applies)) changes.push({ subject, summary: 'stop' });
  return changes;
}

/** Only the very first time: without a channel, with something in the binary log or a position left over. */
function needsReset(state: ReplicationState, params: Params): boolean {
  return params.fresh && state.channel === null && (state.gtidBinlogPos !== '' || state.gtidSlavePos !== '');
}

async function apply(
  host: Host,
  session: SqlSession,
  state: ReplicationState,
  params: Params,
): Promise<void> {
  const readyMs = params.readyTimeoutMs ?? READY_MS;
  if (needsReset(state, params)) await resetForBootstrap(session, state);
  const configure = state.channel === null || differences(state, params).length > 0;
  if (configure) {
    if (state.channel !== null) await drainAndStop(session, host.signal, readyMs);
    await changeMaster(session, params.source);
    await new ChannelMemory(host.config.state).remember(params.source);
  }
  if (params.running === false && !configure) await drainAndStop(session, host.signal, readyMs);
  if (params.running !== true) return;
  await start(session, params, configure);
  await awaitThreads(host, session, params, readyMs);
}

async function resetForBootstrap(session: SqlSession, state: ReplicationState): Promise<void> {
  if (state.occupied.length > 0)
    throw new AppError(
      'REFUSED',
      `The server has data of users (${state.occupied.join(', ')}); its binary log is not thrown away.`,
      { data: { databases: state.occupied } },
    );
  if (state.gtidSlavePos !== '')
    throw new AppError(
      'REFUSED',
      `The server has replicated before (gtid_slave_pos ${state.gtidSlavePos}); its binary log is not thrown away.`,
    );
  await session.query('RESET MASTER');
}

/**
 * Starting both threads throws away relay log that is not applied, and fetches it again: that is safe only while the
 * source is there to give it. One missing thread beside a running one is started alone and loses nothing.
 */
async function start(session: SqlSession, params: Params, configured: boolean): Promise<void> {
  const { channel } = await readChannel(session);
  const receives = channel !== null && channel.ioRunning !== 'No';
  const applies = channel?.sqlRunning === true;
  if (receives && applies) return;
  if (receives) {
    await session.query('START SLAVE SQL_THREAD');
    return;
  }
  if (applies) {
    await session.query('START SLAVE IO_THREAD');
    return;
  }
  if (!configured && !(await canConnect(params.source.host, params.source.port)))
    throw new AppError(
      'REFUSED',
      `${params.source.host}:${params.source.port} does not answer; starting replication now would throw away what was received and not applied. Start the server there first.`,
    );
  await adoptBinlogPosition(session);
  await session.query('START SLAVE');
}

/**
 * With log_slave_updates the binary log holds everything this server has, so its position is the truth; an own write
 * since the last replicated one would otherwise be asked for again.
 */
async function adoptBinlogPosition(session: SqlSession): Promise<void> {
  const [row] = await session.query(
    'SELECT @@GLOBAL.log_slave_updates AS logged, @@GLOBAL.gtid_binlog_pos AS binlog_pos, @@GLOBAL.gtid_slave_pos AS slave_pos',
  );
  if (Number(row?.['logged']) !== 1 || row?.['binlog_pos'] === row?.['slave_pos']) return;
  await session.query('SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_binlog_pos');
}

async function awaitThreads(host: Host, session: SqlSession, params: Params, readyMs: number): Promise<void> {
  const end = performance.now() + readyMs;
  const channel = await waitFor(
    'both replication threads',
    async () => {
      const now = (await readChannel(session)).channel;
      const up = now?.ioRunning === 'Yes' && now.sqlRunning;
      const broken = now !== null && (now.sqlErrno !== 0 || FATAL_IO.has(now.ioErrno));
      return up || broken || performance.now() >= end ? now : undefined;
    },
    { deadlineMs: readyMs + 5000, intervalMs: 20, signal: host.signal },
  );
  if (channel?.ioRunning === 'Yes' && channel.sqlRunning) return;
  const words = channel?.sqlError || channel?.ioError || 'it did not come up in time';
  throw new AppError(
    'SQL_FAILED',
    `Replication from ${params.source.host} does not run (receiving: ${channel?.ioRunning ?? 'no'}, applying: ${channel?.sqlRunning ? 'yes' : 'no'}): ${words}`,
    { data: { ioErrno: channel?.ioErrno, sqlErrno: channel?.sqlErrno } },
  );
}

/** Errors after which the server does not try again: the position is not on the source, or the servers do not fit. */
const FATAL_IO = new Set([1236, 1593, 1595]);
