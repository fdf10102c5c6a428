/**
 * The daemon's REST interface: read-only, on loopback only, without log-in. Requests that name another host are
 * refused, so that a web page in a browser on the same machine cannot read it through a name of its own.
 */

import fastify, { type FastifyInstance } from 'fastify';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { Watcher } from '../watch/watcher.ts';
import { isLoopback, listenProblem } from './loopback.ts';
import { healthRoute } from './routes/health.ts';
import { pairsRoute } from './routes/pairs.ts';

export interface AppOptions {
  readonly watchers: readonly Watcher[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Throws AppError REFUSED for an address that others can reach. */
export function assertLoopback(host: string): void {
  const problem = listenProblem(host);
  if (problem !== null) throw new AppError('REFUSED', `coordinator.listen ${problem}.`);
}

export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.addHook('onRequest', async (request, reply) => {
    if (!isLoopback(request.hostname.replace(/^\[|\]$/g, '')))
      return reply
        .code(403)
        .send({ code: 'REFUSED', message: 'This interface answers under 127.0.0.1 and localhost only.' });
    return undefined;
  });
  app.setErrorHandler((thrown, _request, reply) => reply.code(500).send(toAppError(thrown).toJSON()));
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ code: 'NOT_FOUND', message: `There is no ${request.method} ${request.url} here.` }),
  );
  healthRoute(app, options);
  pairsRoute(app, options);
  return app;
}
