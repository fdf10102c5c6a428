/** An agent in this process, on loopback, with certificates of an authority of its own and a folder of its own to write in. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type Agent, createAgent } from '../../agent/agent.ts';
import { type AgentServer, startServer } from '../../agent/server.ts';
import {
  type KeyedCertificate,
  makeAuthority,
  makeLeaf,
} from '../../coordinator/agents/issue-certificate.ts';
import type { AgentConfig } from '../../shared/model/agent-config.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createPeer, type Peer } from '../../shared/runtime/peer.ts';
import { wsTransport } from '../../shared/runtime/ws-transport.ts';

export interface RunningAgent extends AsyncDisposable {
  readonly agent: Agent;
  readonly server: AgentServer;
  readonly folder: string;
  /** The folder that file actions may write in. */
  readonly writable: string;
  readonly authority: KeyedCertificate;
  readonly client: KeyedCertificate;
  /** A connection of the client `coordinator`. */
  connect(identity?: KeyedCertificate): Promise<Peer>;
  /** The bare WebSocket, for frames that no peer would send. */
  open(identity?: KeyedCertificate): Promise<WebSocket>;
}

export async function runAgentHere(overrides: Partial<AgentConfig> = {}): Promise<RunningAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'agent-'));
  const authority = await makeAuthority();
  const [own, client] = await Promise.all([
    makeLeaf(authority, { commonName: 'db1', address: '127.0.0.1', use: 'server' }),
    makeLeaf(authority, { commonName: 'coordinator', address: null, use: 'client' }),
  ]);
  const writable = join(folder, 'etc');
  const config: AgentConfig = {
    host: 'db1',
    listen: { address: '127.0.0.1', port: 0 },
    tls: await writeTls(folder, authority, own),
    databaseSocket: join(folder, 'no-server.sock'),
    state: join(folder, 'state'),
    claims: join(folder, 'run', 'claims'),
    writable: [writable],
    ...overrides,
  };
  const agent = await createAgent(config, createLogger('agent', 'silent'));
  const server = await startServer(agent);
  const open = (identity = client): Promise<WebSocket> => dial(server.port, authority, identity);
  return {
    agent,
    server,
    folder,
    writable,
    authority,
    client,
    open,
    connect: async (identity) => createPeer(wsTransport(await open(identity))),
    async [Symbol.asyncDispose]() {
      await server.close();
      agent.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeTls(folder: string, authority: KeyedCertificate, own: KeyedCertificate) {
  const tls = { ca: join(folder, 'ca.crt'), cert: join(folder, 'agent.crt'), key: join(folder, 'agent.key') };
  await writeFile(tls.ca, authority.cert);
  await writeFile(tls.cert, own.cert);
  await writeFile(tls.key, own.key, { mode: 0o600 });
  return tls;
}

function dial(port: number, authority: KeyedCertificate, identity: KeyedCertificate): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/ws`, {
      ca: authority.cert,
      cert: identity.cert,
      key: identity.key,
      perMessageDeflate: false,
    });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}
