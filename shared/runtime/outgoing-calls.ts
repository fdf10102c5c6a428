/**
 * The calls of this side that are not answered yet: correlated by id, each with its deadline, its cancel and its
 * progress.
 *
 * Invariants: every call settles once (answer, deadline, cancel or end of the connection); every rejection is an
 * AppError; a call that is given up is cancelled on the other side too.
 */

import { AppError } from '../errors/app-error.ts';
import type { Envelope, RpcId } from '../protocol/envelope.ts';
import type { MethodName, MethodParams, MethodResult } from '../protocol/methods.ts';
import type { CallOptions } from './call.ts';
import { callLost, callOverdue } from './call-errors.ts';

/** The caller waits this much longer than the deadline it sends, so that the other side's own answer wins. */
const GRACE_MS = 250;
/** Longest time that a timer takes. */
const MOST_MS = 2 ** 31 - 1;

interface Pending {
  resolve(result: unknown): void;
  reject(error: AppError): void;
  readonly onProgress: ((message: string) => void) | undefined;
}

export class OutgoingCalls {
  readonly #send: (envelope: Envelope) => void;
  readonly #pending = new Map<RpcId, Pending>();
  #lastId = 0;

  constructor(send: (envelope: Envelope) => void) {
    this.#send = send;
  }

  call<M extends MethodName>(
    method: M,
    params: MethodParams<M>,
    options: CallOptions,
  ): Promise<MethodResult<M>> {
    if (options.signal?.aborted) return Promise.reject(cancelled(method));
    this.#lastId += 1;
    const id = this.#lastId;
    const deadlineMs = Math.max(1, Math.ceil(options.deadlineMs));
    return new Promise<MethodResult<M>>((resolve, reject) => {
      const onAbort = (): void => this.#giveUp(id, cancelled(method));
      const timer = setTimeout(
        () => this.#giveUp(id, callOverdue(method, deadlineMs)),
        Math.min(deadlineMs + GRACE_MS, MOST_MS),
      );
      const settle = (): void => {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
      };
      options.signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, {
        resolve: (result) => {
          settle();
          // The result crosses from bytes to types here; both sides are of the same version (hello compares).
          resolve(result as MethodResult<M>);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        onProgress: options.onProgress,
      });
      this.#send({ kind: 'request', id, method, params, deadlineMs });
    });
  }

  /** An answer, an error or progress for a call that has settled already is left out. */
  answered(id: RpcId, result: unknown): void {
    this.#pending.get(id)?.resolve(result);
  }

  failed(id: RpcId, error: AppError): void {
    this.#pending.get(id)?.reject(error);
  }

  progressed(id: RpcId, message: string): void {
    this.#pending.get(id)?.onProgress?.(message);
  }

  /** The connection has ended. */
  end(reason: string): void {
    for (const pending of [...this.#pending.values()]) pending.reject(callLost('the call', reason));
  }

  /** Ends a call without an answer, and tells the other side to stop working on it. */
  #giveUp(id: RpcId, error: AppError): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#send({ kind: 'notification', method: 'cancel', params: { id } });
    pending.reject(error);
  }
}

const cancelled = (method: string): AppError => new AppError('CANCELLED', `${method} was cancelled.`);
