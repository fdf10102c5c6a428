/**
 * JSON-RPC 2.0 over any Transport; both sides of a connection use it. It hands each message to the calls of this side
 * (outgoing-calls.ts), to those of the other (incoming-calls.ts) or to who listens for notifications, and answers what
 * it cannot understand with a coded error. When the connection ends, every call of both sides ends with it.
 */

import { fromSerialized, toAppError } from '../errors/app-error.ts';
import { decode } from '../protocol/decode.ts';
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../protocol/envelope.ts';
import { NOTIFICATIONS, type NotificationName, type NotificationParams } from '../protocol/events.ts';
import type { MethodName, MethodParams, MethodResult } from '../protocol/methods.ts';
import type { Caller, CallOptions } from './call.ts';
import { callLost } from './call-errors.ts';
import { type Handler, IncomingCalls } from './incoming-calls.ts';
import { OutgoingCalls } from './outgoing-calls.ts';

export interface Transport {
  send(text: string): void;
  close(): void;
  onMessage(listener: (text: string) => void): void;
  /** Called once; at once when it has already ended. */
  onClose(listener: (reason: string) => void): void;
}

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

type Listeners = { [N in NotificationName]: Set<(params: NotificationParams<N>) => void> };

export function createPeer(transport: Transport, options: PeerOptions = {}): Peer {
  return new RpcPeer(transport, options);
}

class RpcPeer implements Peer {
  readonly closed: Promise<void>;
  closeReason: string | undefined;
  readonly #transport: Transport;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;
  readonly #listeners: Listeners = {
    heartbeat: new Set(),
    progress: new Set(),
    log: new Set(),
    cancel: new Set(),
  };

  constructor(transport: Transport, { handler, maxConcurrent = 64 }: PeerOptions) {
    this.#transport = transport;
    const send = (envelope: Envelope): void => this.#send(envelope);
    this.#outgoing = new OutgoingCalls(send);
    this.#incoming = new IncomingCalls({ handler, maxConcurrent, send });
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
    if (this.closeReason !== undefined) return Promise.reject(callLost(method, this.closeReason));
    return this.#outgoing.call(method, params, options);
  }

  notify<N extends NotificationName>(name: N, params: NotificationParams<N>): void {
    this.#send({ kind: 'notification', method: name, params });
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
    if (this.closeReason === undefined) this.#transport.send(encodeEnvelope(envelope));
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
        this.#incoming.answer(envelope);
        break;
      case 'notification':
        this.#notified(envelope.method, envelope.params);
        break;
      case 'result':
        this.#outgoing.answered(envelope.id, envelope.result);
        break;
      case 'error':
        // An error without an id belongs to no call: the other side could not read a frame.
        if (envelope.id !== null) this.#outgoing.failed(envelope.id, fromSerialized(envelope.error));
    }
  }

  #notified(name: string, params: unknown): void {
    // Unknown notifications are left out: JSON-RPC forbids an answer to them.
    switch (name) {
      case 'cancel':
        this.#incoming.cancel(this.#hear('cancel', params).id);
        break;
      case 'progress': {
        const { id, message } = this.#hear('progress', params);
        this.#outgoing.progressed(id, message);
        break;
      }
      case 'heartbeat':
      case 'log':
        this.#hear(name, params);
    }
  }

  /** Decodes a notification and tells who listens for it. */
  #hear<N extends NotificationName>(name: N, params: unknown): NotificationParams<N> {
    // Decoded by the schema of that very name: the type checker does not follow the index.
    const value = decode(NOTIFICATIONS[name], params, name, 'MALFORMED_FRAME') as NotificationParams<N>;
    const listeners: Set<(params: NotificationParams<N>) => void> = this.#listeners[name];
    for (const listener of listeners) listener(value);
    return value;
  }

  #end(reason: string): void {
    if (this.closeReason !== undefined) return;
    this.closeReason = reason;
    this.#outgoing.end(reason);
    this.#incoming.end(reason);
    for (const listeners of Object.values(this.#listeners)) listeners.clear();
  }
}
