/** The one error class that crosses module boundaries: a registered code, a message for people, and data. */

import { type ErrorCodeName, isErrorCodeName } from './codes.ts';

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Facts for programs; never secrets. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface SerializedError {
  readonly code: ErrorCodeName;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCodeName;
  readonly data: Readonly<Record<string, unknown>>;

  /** `message` says what happened, to what, and what to do. */
  constructor(code: ErrorCodeName, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.data = options.data ?? {};
  }

  toJSON(): SerializedError {
    return { code: this.code, message: this.message, data: this.data };
  }
}

/** Turns whatever was thrown into a coded error; used once at each boundary (WebSocket, REST, CLI). */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof Error) return new AppError('INTERNAL', thrown.message, { cause: thrown });
  return new AppError('INTERNAL', String(thrown));
}

/** Rebuilds an error that came over the wire; an unknown code becomes INTERNAL and is kept in data. */
export function fromSerialized(value: { code?: unknown; message?: unknown; data?: unknown }): AppError {
  const message = typeof value.message === 'string' ? value.message : 'unknown error';
  const data = typeof value.data === 'object' && value.data !== null ? { ...value.data } : {};
  if (isErrorCodeName(value.code)) return new AppError(value.code, message, { data });
  return new AppError('INTERNAL', message, { data: { ...data, originalCode: value.code } });
}
