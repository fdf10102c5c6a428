/**
 * JSON-RPC 2.0 over any Transport; both sides of a connection use it. It correlates answers with calls, keeps the
 * deadlines of both sides, carries cancel and progress, and answers what it cannot understand with a coded error.
 *
 * Invariants: every call settles (answer, deadline, cancel or end of the connection); every rejection is an AppError;
 * a handler's signal is aborted when its caller cancels, its deadline passes or the connection ends.
 */

import { AppError, fromSerialized, toAppError } from '../errors/app-error.ts';
import { decode } from '../protocol/decode.ts';
import { decodeEnvelope, type Envelope, encodeEnvelope, type RpcId } from '../protocol/envelope.ts';
import { NOTIFICATIONS, type NotificationName, type NotificationParams } from '../protocol/events.ts';
import {
  isMethodName,
  METHODS,
  type MethodName,
  type MethodParams,
  type MethodResult,
} from '../protocol/methods.ts';
import type { Caller, CallOptions } from './call.ts';

export interface Transport {
  send(text: string): void;
  close(): void;
  onMessage(listener: (text: string) => void): void;
  /** Called once; at once when it has already ended. */
  onClose(listener: (reason: string) => void): void;
}

export interface HandlerContext {
  readonly id: RpcId;
  readonly signal: AbortSignal;
  /** Milliseconds the caller waits; undefined when it did not say. */
  readonly deadlineMs?: number;
  progress(message: string): void;
}

/** Answers one call; what it throws goes to the caller as a coded error. `params` fit the schema of the method. */
export type Handler = (method: MethodName, params: unknown, context: HandlerContext) => Promise<unknown>;

export interface PeerOptions {
  /** Without it every call from the other side is answered METHOD_NOT_FOUND. */
  readonly handler?: Handler;
  /** Most calls of the other side that may run at once; default 64. */
  readonly maxConcurrent?: number;
}

export interface Peer extends Caller {
  notify<N extends NotificationName>(name: N, params: NotificationParams<N>): void;
  /** Why the connection ended; undefined while it lives. */
  readonly closeReason: string | undefined;
}

/** The caller waits this much longer than the deadline it sends, so that the other side's own answer wins. */
const GRACE_MS = 250;

interface Pending {
  resolve(result: unknown): void;
  reject(error: AppError): void;
  readonly onProgress: ((message: string) => void) | undefined;
}

type Listeners = { [N in NotificationName]: Set<(params: NotificationParams<N>) => void> };

export function createPeer(transport: Transport, options: PeerOptions = {}): Peer {
  return new RpcPeer(transport, options);
}

class RpcPeer implements Peer {
  readonly closed: Promise<void>;
  closeReason: string | undefined;
  readonly #transport: Transport;
  readonly #handler: Handler | undefined;
  readonly #maxConcurrent: number;
  readonly #pending = new Map<RpcId, Pending>();
  readonly #running = new Map<RpcId, AbortController>();
  readonly #listeners: Listeners = {
    heartbeat: new Set(),
    progress: new Set(),
    log: new Set(),
    cancel: new Set(),
  };
  #lastId = 0;

  constructor(transport: Transport, options: PeerOptions) {
    this.#transport = transport;
    this.#handler = options.handler;
    this.#maxConcurrent = options.maxConcurrent ?? 64;
    transport.onMessage((text) => this.#receive(text));
    this.closed = new Promise((resolve) => {
      transport.onClose((reason) => {
        this.#end(reason);
        resolve();
      });
    });
  }

  call<M extends MethodName>(
    method: M,
    params: MethodParams<M>,
    options: CallOptions,
  ): Promise<MethodResult<M>> {
    if (this.closeReason !== undefined) return Promise.reject(lost(method, this.closeReason));
    if (options.signal?.aborted) return Promise.reject(cancelled(method));
    this.#lastId += 1;
    const id = this.#lastId;
    const deadlineMs = Math.max(1, Math.ceil(options.deadlineMs));
    return new Promise<MethodResult<M>>((resolve, reject) => {
      const onAbort = (): void => this.#giveUp(id, cancelled(method));
      const timer = setTimeout(
        () => this.#giveUp(id, overdue(method, deadlineMs)),
        Math.min(deadlineMs + GRACE_MS, 2 ** 31 - 1),
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

  notify<N extends NotificationName>(name: N, params: NotificationParams<N>): void {
    if (this.closeReason === undefined) this.#send({ kind: 'notification', method: name, params });
  }

  on<N extends NotificationName>(name: N, listener: (params: NotificationParams<N>) => void): () => void {
    const listeners: Set<(params: NotificationParams<N>) => void> = this.#listeners[name];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  close(): void {
    this.#transport.close();
  }

  #send(envelope: Envelope): void {
    this.#transport.send(encodeEnvelope(envelope));
  }

  /** Ends a call of ours without an answer, and tells the other side to stop working on it. */
  #giveUp(id: RpcId, error: AppError): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.notify('cancel', { id });
    pending.reject(error);
  }

  #receive(text: string): void {
    try {
      this.#dispatch(decodeEnvelope(text));
    } catch (thrown) {
      this.#send({ kind: 'error', id: null, error: toAppError(thrown).toJSON() });
    }
  }

  #dispatch(envelope: Envelope): void {
    switch (envelope.kind) {
      case 'request':
        this.#answer(envelope);
        break;
      case 'notification':
        this.#notified(envelope.method, envelope.params);
        break;
      case 'result':
        this.#pending.get(envelope.id)?.resolve(envelope.result);
        break;
      case 'error':
        // An error without an id belongs to no call: the other side could not read a frame.
        if (envelope.id !== null) this.#pending.get(envelope.id)?.reject(fromSerialized(envelope.error));
    }
  }

  #notified(name: string, params: unknown): void {
    // Unknown notifications are left out: JSON-RPC forbids an answer to them.
    switch (name) {
      case 'cancel': {
        const value = decode(NOTIFICATIONS.cancel, params, 'cancel', 'MALFORMED_FRAME');
        this.#running.get(value.id)?.abort(new AppError('CANCELLED', 'The caller cancelled the call.'));
        for (const listener of this.#listeners.cancel) listener(value);
        return;
      }
      case 'progress': {
        const value = decode(NOTIFICATIONS.progress, params, 'progress', 'MALFORMED_FRAME');
        this.#pending.get(value.id)?.onProgress?.(value.message);
        for (const listener of this.#listeners.progress) listener(value);
        return;
      }
      case 'heartbeat': {
        const value = decode(NOTIFICATIONS.heartbeat, params, 'heartbeat', 'MALFORMED_FRAME');
        for (const listener of this.#listeners.heartbeat) listener(value);
        return;
      }
      case 'log': {
        const value = decode(NOTIFICATIONS.log, params, 'log', 'MALFORMED_FRAME');
        for (const listener of this.#listeners.log) listener(value);
      }
    }
  }

  #answer(request: Extract<Envelope, { kind: 'request' }>): void {
    this.#run(request).then(
      (result) => this.#send({ kind: 'result', id: request.id, result: result === undefined ? {} : result }),
      (thrown: unknown) => this.#send({ kind: 'error', id: request.id, error: toAppError(thrown).toJSON() }),
    );
  }

  async #run(request: Extract<Envelope, { kind: 'request' }>): Promise<unknown> {
    const { id, method } = request;
    if (this.#handler === undefined || !isMethodName(method))
      throw new AppError('METHOD_NOT_FOUND', `There is no method ${JSON.stringify(method)} here.`);
    if (this.#running.has(id))
      throw new AppError('MALFORMED_FRAME', `A call with the id ${JSON.stringify(id)} is running already.`);
    if (this.#running.size >= this.#maxConcurrent)
      throw new AppError('REFUSED', `${this.#maxConcurrent} calls are running on this connection; wait.`);
    const params = decode(METHODS[method].params, request.params, `params of ${method}`);
    const controller = new AbortController();
    this.#running.set(id, controller);
    const deadline = startDeadline(controller, method, request.deadlineMs);
    try {
      return await Promise.race([
        this.#handler(method, params, {
          id,
          signal: controller.signal,
          ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
          progress: (message) => this.notify('progress', { id, message }),
        }),
        rejectOnAbort(controller.signal),
      ]);
    } finally {
      clearTimeout(deadline);
      this.#running.delete(id);
    }
  }

  #end(reason: string): void {
    if (this.closeReason !== undefined) return;
    this.closeReason = reason;
    for (const pending of [...this.#pending.values()]) pending.reject(lost('the call', reason));
    for (const controller of this.#running.values())
      controller.abort(new AppError('CONNECTION_LOST', `The caller's connection ended: ${reason}.`));
    for (const listeners of Object.values(this.#listeners)) listeners.clear();
  }
}

function startDeadline(controller: AbortController, method: string, deadlineMs: number | undefined) {
  if (deadlineMs === undefined) return undefined;
  return setTimeout(() => controller.abort(overdue(method, deadlineMs)), Math.min(deadlineMs, 2 ** 31 - 1));
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(toAppError(signal.reason)), { once: true });
  });
}

const lost = (method: string, reason: string): AppError =>
  new AppError(
    'CONNECTION_LOST',
    `The connection ended before ${method} was answered: ${reason || 'no reason given'}.`,
  );
const cancelled = (method: string): AppError => new AppError('CANCELLED', `${method} was cancelled.`);
const overdue = (method: string, deadlineMs: number): AppError =>
  new AppError('DEADLINE_EXCEEDED', `${method} was not answered within ${deadlineMs} ms.`);
