/** The WebSocket door: one peer a connection, whose calls go to the table of methods. */

import type { WebSocket } from 'ws';
import type { MethodParams } from '../shared/protocol/methods.ts';
import { createPeer, type Peer } from '../shared/runtime/peer.ts';
import { wsTransport } from '../shared/runtime/ws-transport.ts';
import type { Agent } from './agent.ts';
import { type Connection, callMethod } from './rpc.ts';

export function serveWebSocket(agent: Agent, socket: WebSocket, caller: string): void {
  const ends = new Set<() => void>();
  const peer: Peer = createPeer(wsTransport(socket), {
    // The peer has decoded the parameters by the schema of the method; here they get their type back.
    handler: (method, params, context) =>
      callMethod(agent, method, params as MethodParams<typeof method>, {
        caller,
        connection,
        signal: context.signal,
        progress: context.progress,
      }),
  });
  const connection: Connection = {
    notify: (name, params) => peer.notify(name, params),
    onEnd: (work) => {
      if (peer.closeReason === undefined) ends.add(work);
      else work();
    },
  };
  agent.log.info({ caller }, 'connection opened');
  void peer.closed.then(() => {
    for (const work of ends) work();
    agent.log.info({ caller, reason: peer.closeReason }, 'connection closed');
  });
}
