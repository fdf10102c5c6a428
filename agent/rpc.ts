/**
 * Answers the methods of the protocol: one function a method, in a map that does not compile when one is forgotten.
 * What only a WebSocket can do (pushes, claims) needs a connection; REST has none.
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AppError, fromSerialized } from '../shared/errors/app-error.ts';
import { HostFactsSchema } from '../shared/model/facts.ts';
import { ACTION_NAMES, ACTION_PARAMS } from '../shared/protocol/actions.ts';
import { decode } from '../shared/protocol/decode.ts';
import type { NotificationName, NotificationParams } from '../shared/protocol/events.ts';
import type { MethodName, MethodParams, MethodResult } from '../shared/protocol/methods.ts';
import { BUILD_VERSION, PROTOCOL_VERSION } from '../shared/protocol/version.ts';
import type { Agent } from './agent.ts';
import { commandGuard } from './guard-command.ts';
import { readDecisions } from './guard-decisions.ts';
import { pushHeartbeats } from './heartbeat.ts';
import { readAddresses } from './host/addresses.ts';

/** A client's connection: what is pushed on it, and what ends with it. */
export interface Connection {
  notify<N extends NotificationName>(name: N, params: NotificationParams<N>): void;
  /** Runs when the connection ends. */
  onEnd(work: () => void): void;
}

export interface MethodContext {
  readonly caller: string;
  readonly signal: AbortSignal;
  readonly connection: Connection | null;
  progress(message: string): void;
}

type Methods = {
  readonly [M in MethodName]: (
    agent: Agent,
    params: MethodParams<M>,
    context: MethodContext,
  ) => MethodResult<M> | Promise<MethodResult<M>>;
};

/** Throws AppError; `params` fit the schema of the method. */
export async function callMethod<M extends MethodName>(
  agent: Agent,
  method: M,
  params: MethodParams<M>,
  context: MethodContext,
): Promise<MethodResult<M>> {
  const answer: Methods[M] = METHOD_TABLE[method];
  return await answer(agent, params, context);
}

const METHOD_TABLE: Methods = {
  hello: (agent) => ({
    protocol: PROTOCOL_VERSION,
    version: BUILD_VERSION,
    host: agent.config.host,
    bootId: agent.bootId,
    startedAt: agent.startedAt,
  }),
  health: (agent) => ({
    status: 'ok',
    version: BUILD_VERSION,
    host: agent.config.host,
    uptimeSeconds: Math.round((Date.now() - agent.startedAt) / 1000),
  }),
  facts: (agent, _params, context) => readFactsOf(agent, context),
  addresses: (_agent, _params, context) => readAddresses(context.signal),
  replication: async (agent) => {
    const state = await agent.database.read();
    if (!state.up) throw new AppError('DATABASE_DOWN', state.error ?? 'The database server does not answer.');
    return state.channel;
  },
  services: (agent) => agent.services.read(),
  actions: () => ACTION_NAMES.map((name) => ({ name, params: ACTION_PARAMS[name] })),
  journal: (agent, params) => agent.journal.read(params.limit ?? 100),
  decisions: (agent, { after = null, limit = 100 }) =>
    readDecisions(join(agent.config.state, 'decisions.jsonl'), after, limit),
  heartbeat: (agent) => agent.heartbeats.make(),
  'heartbeat.subscribe': (agent, params, context) => {
    const connection = connectionOf(context);
    const stop = pushHeartbeats(
      agent.heartbeats,
      params.intervalMs,
      (changes) => connection.notify('heartbeat', changes),
      (error) => agent.log.error({ err: error }, 'heartbeat failed'),
    );
    connection.onEnd(stop);
    return {};
  },
  'log.follow': (agent, params, context) => followLog(agent, params, context),
  action: (agent, params, context) => agent.executor.run(params, context),
  'guard.command': (agent, { command }, { caller }) => commandGuard(agent, command, caller),
  claim: (agent, params, context) => {
    const connection = connectionOf(context);
    agent.claims.claim(params.pair, params.owner, connection);
    connection.onEnd(() => agent.claims.releaseAll(connection));
    return {};
  },
  release: (agent, params, context) => {
    agent.claims.release(params.pair, connectionOf(context));
    return {};
  },
};

/** The facts are what the action host-read finds. */
async function readFactsOf(agent: Agent, context: MethodContext): Promise<MethodResult<'facts'>> {
  const result = await agent.executor.run({ name: 'host-read', mode: 'plan', params: {} }, context);
  if (result.error !== undefined) throw fromSerialized(result.error);
  return decode(HostFactsSchema, result.facts, 'facts of the host', 'INTERNAL');
}

/** Ends when the call is cancelled, its deadline passes, the connection ends, or the follower does. */
function followLog(
  agent: Agent,
  params: MethodParams<'log.follow'>,
  context: MethodContext,
): Promise<MethodResult<'log.follow'>> {
  const connection = connectionOf(context);
  const manager = agent.platform.services;
  const [file = '', ...args] = manager.logArgv({ ...params, follow: true });
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], signal: context.signal });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const record = manager.parseLogLine(line);
      if (record !== null) connection.notify('log', record);
    });
    child.once('error', (error) => reject(new AppError('COMMAND_FAILED', `${file}: ${error.message}`)));
    child.once('close', () => resolve({}));
  });
}

function connectionOf(context: MethodContext): Connection {
  if (context.connection === null)
    throw new AppError('METHOD_NOT_FOUND', 'This method needs a WebSocket connection (/v1/ws).');
  return context.connection;
}
