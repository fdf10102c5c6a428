/**
 * The daemon's REST interface, made from the table of routes: who may, what is taken, what is answered.
 *
 * Invariants: a route that is not of the table is refused when it is registered, unless it is of a folder of files that
 * anybody may read (docs page, console); before a handler runs, its caller's role and its input were checked.
 */

import { fastifyHelmet } from '@fastify/helmet';
import { fastifyRateLimit } from '@fastify/rate-limit';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { PROBLEM_TYPE } from '../../shared/api/problem.ts';
import { ROUTES, type RouteInput, type RouteName, type RouteSpec } from '../../shared/api/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { decode } from '../../shared/protocol/decode.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { StoredToken } from '../store/tokens.ts';
import { authenticate, authorize, bearerOf } from './auth.ts';
import { addConsole } from './console.ts';
import { addDocs } from './docs.ts';
import { type Call, createHandlers, type Raw, type Services } from './handlers.ts';
import { isKnownRoute } from './known-routes.ts';
import { addLive } from './live-route.ts';
import { isLoopback } from './loopback.ts';
import { problemOf } from './problem.ts';
import { readQuery } from './read-query.ts';

export interface AppOptions extends Services {
  readonly log: Logger;
  /** Null on loopback without it. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Answers under these names only, where it listens on loopback: a web page cannot reach it through a name of its own. */
  readonly loopbackOnly: boolean;
  /** Requests of one address in a minute. */
  readonly requestsPerMinute: number;
}

const BODY_BYTES = 64 * 1024;

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { log, tls, loopbackOnly, requestsPerMinute: max } = options;
  const app = fastify({
    ...{ logger: false, forceCloseConnections: true, bodyLimit: BODY_BYTES, requestTimeout: 30_000 },
    https: tls === null ? null : { ...tls, minVersion: 'TLSv1.2' },
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, error, log),
  });
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat())
      if (!isKnownRoute(one, url)) throw new TypeError(`${one} ${url} is not in the table of routes.`);
  });
  app.setErrorHandler((thrown, _request, reply) => sendProblem(reply, thrown, log));
  await app.register(fastifyHelmet, { contentSecurityPolicy: { directives: CONTENT_POLICY } });
  await app.register(fastifyRateLimit, { max, timeWindow: '1 minute' });
  if (loopbackOnly) app.addHook('onRequest', async (request) => assertLocalName(request.hostname));
  app.setNotFoundHandler((request) => {
    throw new AppError('NOT_FOUND', `There is no ${request.method} ${request.url.split('?', 1)[0]} here.`);
  });
  await addLive(app, options);
  addRoutes(app, options);
  await addDocs(app);
  addConsole(app, log);
  return app;
}

/** Everything comes from the daemon itself; nobody shows its pages inside another one. */
const CONTENT_POLICY = {
  defaultSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  styleSrc: ["'self'", "'unsafe-inline'"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
};

function addRoutes(app: FastifyInstance, options: AppOptions): void {
  const handlers = createHandlers(options);
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const spec: RouteSpec = ROUTES[name];
    app.route({
      ...{ method: spec.method, url: spec.path },
      onResponse: async (_request, reply) =>
        options.metrics.answered(name, reply.statusCode, reply.elapsedTime / 1000),
      handler: async (request, reply) => {
        const token = requesterOf(options, spec, request);
        const input = inputOf(name, spec, request);
        const call: Call = { token, request, reply };
        // Both are of the route `name`, and the input was checked by its schemas.
        const handler = handlers[name] as (input: RouteInput<RouteName>, call: Call) => unknown;
        return answer(reply, spec, await handler(input, call));
      },
    });
  }
}

/** Throws UNAUTHENTICATED, FORBIDDEN. What was asked for and denied is in the audit trail, where it is known by whom. */
function requesterOf({ store }: AppOptions, spec: RouteSpec, request: FastifyRequest): StoredToken | null {
  if (spec.role === 'anyone') return null;
  const token = authenticate(store.tokens, bearerOf(request.headers.authorization));
  try {
    authorize(token, spec.role);
  } catch (error) {
    if (spec.method !== 'GET') {
      const about = { action: `${spec.method} ${spec.path}`, target: request.url.slice(0, 200) };
      store.audit.append({ actor: token.name, source: 'rest', ...about, outcome: 'denied' });
    }
    throw error;
  }
  return token;
}

function inputOf(name: RouteName, spec: RouteSpec, request: FastifyRequest): RouteInput<RouteName> {
  const { params, query, body } = spec;
  return {
    params: params === undefined ? undefined : decode(params, request.params, `path of ${name}`),
    query:
      query === undefined ? undefined : decode(query, readQuery(query, request.query), `query of ${name}`),
    body: body === undefined ? undefined : decode(body, request.body ?? {}, `body of ${name}`),
  } as RouteInput<RouteName>;
}

function answer(reply: FastifyReply, spec: RouteSpec, result: unknown): FastifyReply {
  reply.header('cache-control', 'no-store').code(spec.status ?? 200);
  if (spec.produces === undefined)
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(result));
  const { type, body } = result as Raw; // What a handler of such a route answers.
  return reply.type(type).send(body);
}

function sendProblem(reply: FastifyReply, thrown: unknown, log: Logger): FastifyReply {
  const problem = problemOf(thrown);
  if (problem.status >= 500 && problem.code === 'INTERNAL') log.error({ err: thrown }, 'a request failed');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** Throws FORBIDDEN. */
function assertLocalName(hostname: string): void {
  if (isLoopback(hostname.replace(/^\[|\]$/g, ''))) return;
  throw new AppError('FORBIDDEN', 'This interface answers under 127.0.0.1 and localhost only.');
}
