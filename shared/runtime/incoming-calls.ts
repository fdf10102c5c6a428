/**
 * The calls of the other side: decoded, bounded in number, run with a signal, and answered with a result or a coded
 * error.
 *
 * Invariants: every call is answered once; a handler's signal is aborted when its caller cancels, its deadline passes
 * or the connection ends.
 */

import { AppError, toAppError } from '../errors/app-error.ts';
import { decode } from '../protocol/decode.ts';
import type { Envelope, RpcId } from '../protocol/envelope.ts';
import { isMethodName, METHODS, type MethodName } from '../protocol/methods.ts';
import { callOverdue } from './call-errors.ts';

export interface HandlerContext {
  readonly id: RpcId;
  readonly signal: AbortSignal;
  /** Milliseconds the caller waits; undefined when it did not say. */
  readonly deadlineMs?: number;
  progress(message: string): void;
}

/** Answers one call; what it throws goes to the caller as a coded error. `params` fit the schema of the method. */
export type Handler = (method: MethodName, params: unknown, context: HandlerContext) => Promise<unknown>;

type Request = Extract<Envelope, { kind: 'request' }>;

interface IncomingCallsOptions {
  /** Without it every call is answered METHOD_NOT_FOUND. */
  readonly handler: Handler | undefined;
  /** Most calls that may run at once. */
  readonly maxConcurrent: number;
  readonly send: (envelope: Envelope) => void;
}

export class IncomingCalls {
  readonly #options: IncomingCallsOptions;
  readonly #running = new Map<RpcId, AbortController>();

  constructor(options: IncomingCallsOptions) {
    this.#options = options;
  }

  answer(request: Request): void {
    const { send } = this.#options;
    this.#run(request).then(
      (result) => send({ kind: 'result', id: request.id, result: result === undefined ? {} : result }),
      (thrown: unknown) => send({ kind: 'error', id: request.id, error: toAppError(thrown).toJSON() }),
    );
  }

  cancel(id: RpcId): void {
    this.#running.get(id)?.abort(new AppError('CANCELLED', 'The caller cancelled the call.'));
  }

  /** The connection has ended: nobody waits for the answers any more. */
  end(reason: string): void {
    for (const controller of this.#running.values())
      controller.abort(new AppError('CONNECTION_LOST', `The caller's connection ended: ${reason}.`));
  }

  async #run(request: Request): Promise<unknown> {
    const { id, method } = request;
    const { handler, maxConcurrent, send } = this.#options;
    if (handler === undefined || !isMethodName(method))
      throw new AppError('METHOD_NOT_FOUND', `There is no method ${JSON.stringify(method)} here.`);
    if (this.#running.has(id))
      throw new AppError('MALFORMED_FRAME', `A call with the id ${JSON.stringify(id)} is running already.`);
    if (this.#running.size >= maxConcurrent)
      throw new AppError('REFUSED', `${maxConcurrent} calls are running on this connection; wait.`);
    const params = decode(METHODS[method].params, request.params, `params of ${method}`);
    const controller = new AbortController();
    this.#running.set(id, controller);
    const deadline = startDeadline(controller, method, request.deadlineMs);
    try {
      return await Promise.race([
        handler(method, params, {
          id,
          signal: controller.signal,
          ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
          progress: (message) => send({ kind: 'notification', method: 'progress', params: { id, message } }),
        }),
        rejectOnAbort(controller.signal),
      ]);
    } finally {
      clearTimeout(deadline);
      this.#running.delete(id);
    }
  }
}

function startDeadline(controller: AbortController, method: string, deadlineMs: number | undefined) {
  if (deadlineMs === undefined) return undefined;
  const overdue = (): void => controller.abort(callOverdue(method, deadlineMs));
  return setTimeout(overdue, Math.min(deadlineMs, 2 ** 31 - 1));
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(toAppError(signal.reason)), { once: true });
  });
}
