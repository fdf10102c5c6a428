/** GET /v1/health: the daemon answers. */

import type { FastifyInstance } from 'fastify';
import { HOTPAIR_VERSION } from '../../../shared/protocol/version.ts';
import type { AppOptions } from '../app.ts';

export function healthRoute(app: FastifyInstance, { startedAt }: AppOptions): void {
  app.get('/v1/health', () => ({
    status: 'ok',
    version: HOTPAIR_VERSION,
    pid: process.pid,
    uptimeSeconds: Math.floor((Date.now() - startedAt) / 1000),
  }));
}
