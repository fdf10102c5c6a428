/** GET /v1/live, the door of the live feed. A token never stands in its address, which ends up in logs. */

import { fastifyWebsocket } from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { LIVE_PATH, LIVE_PROTOCOL, LIVE_TOKEN_PREFIX } from '../../shared/api/live.ts';
import { LiveFeed, type LiveFeedOptions } from './live-feed.ts';

const MESSAGE_BYTES = 4096;

export async function addLive(app: FastifyInstance, options: LiveFeedOptions): Promise<void> {
  await app.register(fastifyWebsocket, {
    options: {
      maxPayload: MESSAGE_BYTES,
      perMessageDeflate: false,
      // What is chosen is told back: never the protocol that is a token.
      handleProtocols: (offered: Set<string>) => (offered.has(LIVE_PROTOCOL) ? LIVE_PROTOCOL : false),
    },
  });
  const feed = new LiveFeed(options);
  app.addHook('preClose', async () => feed.stop());
  app.get(LIVE_PATH, { websocket: true }, (socket, request) => {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    const shown = offered.find((protocol) => protocol.startsWith(LIVE_TOKEN_PREFIX));
    feed.connect(socket, shown?.slice(LIVE_TOKEN_PREFIX.length));
  });
}
