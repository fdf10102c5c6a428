/** Whatever was thrown, as the one shape of errors of the REST interface (RFC 9457). Pure. */

import type { FastifyError } from 'fastify';
import type { Problem } from '../../shared/api/problem.ts';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import { ERROR_CODES, type ErrorCodeName } from '../../shared/errors/codes.ts';

/** Codes that are not a fault of the daemon; the rest is 500. */
const STATUS: Partial<Record<ErrorCodeName, number>> = {
  INVALID_PARAMS: 400,
  USAGE: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  REFUSED: 409,
  PAIR_BUSY: 409,
  PAIR_UNHEALTHY: 409,
  REPLAYED_KEY: 422,
  TOO_MANY_REQUESTS: 429,
  AGENT_UNREACHABLE: 503,
  CANCELLED: 503,
  STORE_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
  DISK_FULL: 507,
};

/** `status` where the HTTP layer itself knows better. */
export function toProblem(thrown: unknown, status?: number): Problem {
  const error = toAppError(thrown);
  const { meaning, remedy } = ERROR_CODES[error.code];
  const internal = error.code === 'INTERNAL';
  return {
    type: `urn:hotpair:error:${error.code}`,
    title: meaning,
    status: status ?? STATUS[error.code] ?? 500,
    // What nobody foresaw may name anything; the log has it.
    detail: internal ? "The daemon's log has the words of this error." : error.message,
    ...{ code: error.code, remedy, data: internal ? {} : error.data },
  };
}

/** fastify's own refusals (a body too large, not JSON, an address that is none) are faults of the request. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof AppError) return toProblem(thrown);
  const { statusCode: status = 500, message } = thrown as Partial<FastifyError>;
  if (status === 429) return toProblem(new AppError('TOO_MANY_REQUESTS', String(message)), status);
  if (status < 400 || status >= 500) return toProblem(thrown);
  return toProblem(new AppError('INVALID_PARAMS', String(message)), status);
}
