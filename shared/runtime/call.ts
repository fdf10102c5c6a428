/** What one side of a connection can ask of the other: the typed shape of a call, whatever carries it. */

import type { NotificationName, NotificationParams } from '../protocol/events.ts';
import type { MethodName, MethodParams, MethodResult } from '../protocol/methods.ts';

export interface CallOptions {
  /** Longest wait in ms; the other side gets it too and gives up by itself. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** The calling side of a connection. Every rejection is an AppError. */
export interface Caller {
  call<M extends MethodName>(
    method: M,
    params: MethodParams<M>,
    options: CallOptions,
  ): Promise<MethodResult<M>>;
  /** Returns a function that removes the listener. */
  on<N extends NotificationName>(name: N, listener: (params: NotificationParams<N>) => void): () => void;
  close(): void;
  /** Settles when the connection has ended, for whatever reason; never rejects. */
  readonly closed: Promise<void>;
}
