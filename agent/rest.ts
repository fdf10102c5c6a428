/** The REST door: routes made from the table of methods. Errors are `{ error: { code, message, data } }`. */

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, toAppError } from '../shared/errors/app-error.ts';
import type { ErrorCodeName } from '../shared/errors/codes.ts';
import { decode } from '../shared/protocol/decode.ts';
import { METHODS, type MethodName, type MethodParams, type MethodSpec } from '../shared/protocol/methods.ts';
import { BUILD_VERSION } from '../shared/protocol/version.ts';
import type { Agent } from './agent.ts';
import { renderOpenApi } from './openapi.ts';
import { callMethod } from './rpc.ts';

/** Codes that are not a fault of the server; the rest is 500. */
const STATUS: Partial<Record<ErrorCodeName, number>> = {
  INVALID_PARAMS: 400,
  MALFORMED_FRAME: 400,
  PATH_REFUSED: 403,
  REFUSED: 403,
  METHOD_NOT_FOUND: 404,
  NOT_FOUND: 404,
  REPLAYED_KEY: 409,
  PAIR_BUSY: 409,
  DATABASE_DOWN: 503,
  DEADLINE_EXCEEDED: 504,
};

export type CallerOf = (request: FastifyRequest) => string;

export function addRestRoutes(app: FastifyInstance, agent: Agent, callerOf: CallerOf): void {
  for (const [name, spec] of Object.entries<MethodSpec>(METHODS)) {
    if (spec.rest === undefined) continue;
    const method = name as MethodName; // A key of METHODS.
    app.route({
      method: spec.rest.verb,
      url: spec.rest.path,
      handler: (request, reply) => answer(agent, method, request, reply, callerOf(request)),
    });
  }
  const document = renderOpenApi(BUILD_VERSION);
  app.get('/v1/openapi.json', () => document);
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, new AppError('NOT_FOUND', `There is nothing at ${request.method} ${request.url}.`)),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => sendError(reply, fromFastify(error)));
}

async function answer(
  agent: Agent,
  method: MethodName,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: string,
): Promise<unknown> {
  const params = decode(METHODS[method].params, readParams(method, request), `params of ${method}`);
  const controller = new AbortController();
  reply.raw.once('close', () =>
    controller.abort(new AppError('CONNECTION_LOST', 'The client closed the connection.')),
  );
  // decode() has checked them by the schema of this method.
  const result = await callMethod(agent, method, params as MethodParams<typeof method>, {
    caller,
    signal: controller.signal,
    connection: null,
    progress: () => undefined,
  });
  // A bare null would be sent as an empty body.
  return reply.type('application/json').send(JSON.stringify(result));
}

function readParams(method: MethodName, request: FastifyRequest): unknown {
  if (method === 'action') {
    const body = typeof request.body === 'object' && request.body !== null ? request.body : {};
    const { name } = request.params as { readonly name: string };
    return { ...body, name };
  }
  const query = request.query as Readonly<Record<string, string>>;
  // A query has only text; numbers are what the methods with a query take.
  return Object.fromEntries(
    Object.entries(query).map(([key, text]) => [key, /^\d{1,15}$/.test(text) ? Number(text) : text]),
  );
}

function sendError(reply: FastifyReply, error: AppError): FastifyReply {
  return reply.status(STATUS[error.code] ?? 500).send({ error: error.toJSON() });
}

/** fastify's own refusals (body too large, not JSON, wrong type) are faults of the request. */
function fromFastify(error: FastifyError): AppError {
  if (error instanceof AppError) return error;
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return new AppError('INVALID_PARAMS', error.message, { cause: error });
  return toAppError(error);
}
