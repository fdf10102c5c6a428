/**
 * The agent's only door to the network: HTTPS with mutual TLS. A client that shows no certificate of the coordinator's
 * authority gets an alert and nothing else; so does one whose certificate is not meant for clients. A host has such a
 * certificate too, for its guard: only the coordinator itself gets an answer here, the other host where the coordinator
 * has offered it a copy of the data, that copy and nothing else, and who collects metrics the metrics and nothing else.
 */

import { readFile } from 'node:fs/promises';
import { TLSSocket } from 'node:tls';
import websocket from '@fastify/websocket';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { AppError } from '../shared/errors/app-error.ts';
import { METRICS_READER } from '../shared/protocol/enrolment.ts';
import { MAX_MESSAGE_BYTES } from '../shared/protocol/envelope.ts';
import type { Agent } from './agent.ts';
import { addRestRoutes } from './rest.ts';
import { addSeedRoute, isOfferedTo, SEED_PATH } from './seed/serve-seed.ts';
import { serveWebSocket } from './websocket.ts';

/** Common name of the coordinator's certificate. */
const COORDINATOR = 'coordinator';
const METRICS_PATH = '/metrics';

export interface AgentServer {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Throws CERTIFICATE_REJECTED where key, certificate or authority cannot be read. */
export async function startServer(agent: Agent): Promise<AgentServer> {
  const { tls, listen } = agent.config;
  const [ca, cert, key] = await Promise.all([readPem(tls.ca), readPem(tls.cert), readPem(tls.key)]);
  const app = fastify({
    https: { ca, cert, key, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
    bodyLimit: MAX_MESSAGE_BYTES,
    requestTimeout: 30_000,
    forceCloseConnections: true,
  });
  app.server.on('secureConnection', (socket: TLSSocket) => {
    const name = nameOf(socket);
    if (name !== COORDINATOR && name !== METRICS_READER && !isOfferedTo(name)) socket.destroy();
  });
  await addDoors(app, agent);
  await app.listen({ host: listen.address, port: listen.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : listen.port;
  return { address: listen.address, port, close: () => app.close() };
}

async function addDoors(app: FastifyInstance, agent: Agent): Promise<void> {
  app.addHook('onRequest', async (request) => {
    const name = commonNameOf(request);
    if (name === COORDINATOR || (name !== METRICS_READER && request.url === SEED_PATH)) return;
    if (name === METRICS_READER && request.url === METRICS_PATH) return;
    throw new AppError('REFUSED', 'Only the coordinator gets an answer here.');
  });
  await app.register(websocket, { options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false } });
  app.get('/v1/ws', { websocket: true }, (socket, request) =>
    serveWebSocket(agent, socket, commonNameOf(request)),
  );
  addRestRoutes(app, agent, commonNameOf);
  addSeedRoute(app, agent, commonNameOf);
  app.get(METRICS_PATH, async (_request, reply) => {
    const { type, body } = await agent.metrics.render(await agent.heartbeats.make());
    return reply.type(type).send(body);
  });
}

/** The common name of the client's certificate, which TLS has verified. */
function commonNameOf(request: FastifyRequest): string {
  const socket = request.raw.socket;
  return socket instanceof TLSSocket ? nameOf(socket) : 'unnamed';
}

function nameOf(socket: TLSSocket): string {
  const name = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : 'unnamed';
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError(
      'CERTIFICATE_REJECTED',
      `${path} cannot be read: ${String(error)}. Run coordinator agent install.`,
      { cause: error },
    );
  }
}
