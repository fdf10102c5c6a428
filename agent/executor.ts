/**
 * Runs actions: decodes the parameters, takes the locks, checks, plans, applies and checks again, and writes the
 * journal. What goes wrong inside an action is an outcome (`failed`), not an exception; only a call that makes no
 * sense (unknown action, wrong parameters, replayed key) throws.
 */

import { AppError, toAppError } from '../shared/errors/app-error.ts';
import type { AgentConfig } from '../shared/model/agent-config.ts';
import {
  ACTION_PARAMS,
  type ActionName,
  type ActionParams,
  type ActionResult,
  isActionName,
} from '../shared/protocol/actions.ts';
import { decode } from '../shared/protocol/decode.ts';
import { runCommand } from '../shared/runtime/run-command.ts';
import type { Action } from './actions/action.ts';
import { converge, type Mode } from './converge.ts';
import type { Host } from './host/host.ts';
import type { Sql } from './host/sql.ts';
import type { Journal } from './journal.ts';
import type { Locks } from './locks.ts';
import type { AgentMetrics } from './metrics.ts';
import type { Platform } from './platform/platform.ts';
import { redactParams } from './redact.ts';
import { ACTIONS } from './registry.ts';
import { ReplayMemory } from './replay-memory.ts';

export interface ActionCall {
  readonly name: string;
  readonly mode: Mode;
  readonly params: unknown;
  readonly key?: string;
  readonly deadlineMs?: number;
}

export interface CallContext {
  /** Common name of the caller's certificate. */
  readonly caller: string;
  readonly signal: AbortSignal;
  progress(message: string): void;
}

export interface ExecutorParts {
  readonly config: AgentConfig;
  readonly platform: Platform;
  readonly sql: Sql;
  readonly locks: Locks;
  readonly journal: Journal;
  readonly metrics: AgentMetrics;
}

const DEFAULT_DEADLINE_MS = 120_000;
/** Outcomes of calls that were cut short: doing them again is the point of calling again. */
const UNFINISHED = new Set(['CANCELLED', 'DEADLINE_EXCEEDED', 'CONNECTION_LOST']);

export class Executor {
  readonly #parts: ExecutorParts;
  readonly #replays = new ReplayMemory<ActionResult>();

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** Throws METHOD_NOT_FOUND, INVALID_PARAMS or REPLAYED_KEY; everything else is in the result. */
  async run(call: ActionCall, context: CallContext): Promise<ActionResult> {
    const { name } = call;
    if (!isActionName(name))
      throw new AppError('METHOD_NOT_FOUND', `There is no action ${JSON.stringify(name)}.`);
    const params = decode(ACTION_PARAMS[name], call.params, `params of ${name}`);
    const perform = (): Promise<ActionResult> => this.#journaled(name, call, params, context);
    if (call.key === undefined) return await perform();
    return await this.#replays.once(
      `${context.caller} ${call.key}`,
      { name, mode: call.mode, params },
      perform,
      (result) => !UNFINISHED.has(result.error?.code ?? ''),
    );
  }

  async #journaled<N extends ActionName>(
    name: N,
    call: ActionCall,
    params: ActionParams<N>,
    context: CallContext,
  ): Promise<ActionResult> {
    const time = Date.now();
    const result = await this.#perform(name, call, params, context);
    this.#parts.metrics.actionDone(result, call.mode);
    await this.#parts.journal.append({
      time,
      caller: context.caller,
      action: name,
      mode: call.mode,
      outcome: result.outcome,
      durationMs: result.durationMs,
      params: redactParams(params),
      ...(result.error === undefined ? {} : { error: `${result.error.code}: ${result.error.message}` }),
    });
    return result;
  }

  async #perform<N extends ActionName>(
    name: N,
    call: ActionCall,
    params: ActionParams<N>,
    context: CallContext,
  ): Promise<ActionResult> {
    const started = performance.now();
    const action: Action<N> = ACTIONS[name];
    const deadline = withDeadline(context.signal, name, call.deadlineMs ?? DEFAULT_DEADLINE_MS);
    try {
      const host = this.#hostOf(deadline.signal, context);
      const done = await this.#parts.locks.withLocks(
        action.resources(params),
        `${name} of ${context.caller}`,
        () => converge(action, host, call.mode, params),
        {
          signal: deadline.signal,
          onWait: (resource, holder) => context.progress(`waiting for ${resource}, held by ${holder}`),
        },
      );
      return { action: name, ...done, durationMs: since(started) };
    } catch (thrown) {
      const error = deadline.signal.aborted ? toAppError(deadline.signal.reason) : toAppError(thrown);
      return failed(name, error, since(started));
    } finally {
      deadline.clear();
    }
  }

  #hostOf(signal: AbortSignal, context: CallContext): Host {
    const { config, platform, sql } = this.#parts;
    return {
      config,
      platform,
      sql,
      signal,
      progress: context.progress,
      run: (argv, options) => runCommand(argv, { signal, ...options }),
    };
  }
}

function failed(name: ActionName, error: AppError, durationMs: number): ActionResult {
  return {
    action: name,
    outcome: 'failed',
    changes: [],
    facts: null,
    durationMs,
    error: { code: error.code, message: error.message, data: { ...error.data } },
  };
}

/** A signal that follows the call's own and is aborted with DEADLINE_EXCEEDED when the time is over. */
function withDeadline(outer: AbortSignal, name: string, deadlineMs: number) {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer.reason);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  const timer = setTimeout(
    () =>
      controller.abort(
        new AppError('DEADLINE_EXCEEDED', `${name} did not finish within ${deadlineMs} ms on the host.`),
      ),
    deadlineMs,
  );
  return {
    signal: controller.signal,
    clear(): void {
      clearTimeout(timer);
      outer.removeEventListener('abort', follow);
    },
  };
}

const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10;
