/** JSON-RPC 2.0 envelopes (https://www.jsonrpc.org/specification): one decoder for untrusted text. No batches. */

import { AppError, type SerializedError } from '../errors/app-error.ts';

export type RpcId = string | number;

export type Envelope =
  | {
      readonly kind: 'request';
      readonly id: RpcId;
      readonly method: string;
      readonly params: unknown;
      readonly deadlineMs?: number;
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: RpcId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: RpcId | null; readonly error: SerializedError };

/** Largest message in bytes that either side accepts. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const record = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value: unknown): value is RpcId =>
  (typeof value === 'string' && value.length > 0 && value.length <= 128) || Number.isSafeInteger(value);

/** Text of an envelope. The coded error travels in JSON-RPC's error.data; error.code is always -32000. */
export function encodeEnvelope(envelope: Envelope): string {
  switch (envelope.kind) {
    case 'request':
      return JSON.stringify({
        jsonrpc: '2.0',
        id: envelope.id,
        method: envelope.method,
        params: envelope.params,
        ...(envelope.deadlineMs === undefined ? {} : { deadlineMs: envelope.deadlineMs }),
      });
    case 'notification':
      return JSON.stringify({ jsonrpc: '2.0', method: envelope.method, params: envelope.params });
    case 'result':
      return JSON.stringify({ jsonrpc: '2.0', id: envelope.id, result: envelope.result });
    case 'error':
      return JSON.stringify({
        jsonrpc: '2.0',
        id: envelope.id,
        error: { code: -32000, message: envelope.error.message, data: envelope.error },
      });
  }
}

/** Decodes untrusted text; throws AppError MALFORMED_FRAME and nothing else. */
export function decodeEnvelope(text: string): Envelope {
  const value = parseJson(text);
  if (!record(value) || value['jsonrpc'] !== '2.0') throw malformed('not a JSON-RPC 2.0 object');
  const id = value['id'];
  if ('method' in value) {
    const method = value['method'];
    if (typeof method !== 'string' || method.length === 0 || method.length > 128)
      throw malformed('method is not a short string');
    const params = value['params'] ?? {};
    if (id === undefined) return { kind: 'notification', method, params };
    if (!isId(id)) throw malformed('id is neither a string nor an integer');
    const deadlineMs = value['deadlineMs'];
    if (deadlineMs === undefined) return { kind: 'request', id, method, params };
    if (typeof deadlineMs !== 'number' || !Number.isSafeInteger(deadlineMs) || deadlineMs <= 0)
      throw malformed('deadlineMs is not a positive integer');
    return { kind: 'request', id, method, params, deadlineMs };
  }
  if ('error' in value) {
    if (id !== null && !isId(id)) throw malformed('id of an error is not valid');
    const error = value['error'];
    const data = record(error) && record(error['data']) ? error['data'] : error;
    return { kind: 'error', id, error: toSerialized(data) };
  }
  if (!isId(id) || !('result' in value)) throw malformed('neither request, notification, result nor error');
  return { kind: 'result', id, result: value['result'] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed('not JSON', error);
  }
}

function toSerialized(value: unknown): SerializedError {
  if (!record(value)) return { code: 'INTERNAL', message: 'error without a body' };
  return value as unknown as SerializedError;
}

function malformed(why: string, cause?: unknown): AppError {
  return new AppError('MALFORMED_FRAME', `The message was refused: ${why}.`, { cause });
}
