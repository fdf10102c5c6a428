/** The interface for people: /docs, a page that needs nothing from elsewhere. Anybody may read it; it knows no data. */

import { fastifySwagger, type StaticDocumentSpec } from '@fastify/swagger';
import { fastifySwaggerUi } from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { HOTPAIR_VERSION } from '../../shared/protocol/version.ts';
import { renderOpenApi } from './openapi.ts';

export async function addDocs(app: FastifyInstance): Promise<void> {
  const document = renderOpenApi(HOTPAIR_VERSION) as StaticDocumentSpec['document'];
  await app.register(fastifySwagger, { mode: 'static', specification: { document } });
  await app.register(fastifySwaggerUi, { routePrefix: '/docs' });
}
