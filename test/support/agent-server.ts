/** A server that speaks the agent's protocol with answers of the test's own: real TLS, real WebSocket, real JSON-RPC. */

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { MethodResult } from '../../shared/protocol/methods.ts';
import { HOTPAIR_VERSION, PROTOCOL_VERSION } from '../../shared/protocol/version.ts';
import type { Handler } from '../../shared/runtime/incoming-calls.ts';
import { createPeer, type Peer } from '../../shared/runtime/peer.ts';
import { wsTransport } from '../../shared/runtime/ws-transport.ts';

export interface AgentServerOptions {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly address?: string;
  readonly port?: number;
  readonly hello?: Partial<MethodResult<'hello'>>;
  /** Everything but hello. */
  readonly handler?: Handler;
}

export interface AgentServer extends AsyncDisposable {
  readonly port: number;
  /** Connections that got through the handshake, newest last. */
  readonly peers: readonly Peer[];
}

export async function startAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  const { ca, cert, key, hello } = options;
  const server = createServer({
    ca,
    cert,
    key,
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: true,
  });
  const peers: Peer[] = [];
  const webSockets = new WebSocketServer({ server, path: '/v1/ws' });
  webSockets.on('connection', (socket) => {
    const handler: Handler = async (method, params, context) => {
      if (method !== 'hello') return options.handler?.(method, params, context);
      const answer: MethodResult<'hello'> = {
        protocol: PROTOCOL_VERSION,
        version: HOTPAIR_VERSION,
        host: 'db1',
        bootId: 'boot',
        startedAt: 0,
        ...hello,
      };
      return answer;
    };
    peers.push(createPeer(wsTransport(socket), { handler }));
  });
  await new Promise<void>((resolve) =>
    server.listen(options.port ?? 0, options.address ?? '127.0.0.1', resolve),
  );
  return {
    // A server that listens on TCP has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    peers,
    async [Symbol.asyncDispose]() {
      for (const peer of peers) peer.close();
      webSockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
