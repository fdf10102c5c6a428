/**
 * Calls of a test, made from the operator's namespace of the lab: JSON lines `{ id, address, method, params }` on standard
 * input, `{ id, result }` or `{ id, error }` on standard output, and `{ log }` for a log line that was pushed. Run by lab-agent.ts, in that namespace.
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { MethodName, MethodParams } from '../../shared/protocol/methods.ts';
import { createPeer, type Peer } from '../../shared/runtime/peer.ts';
import { wsTransport } from '../../shared/runtime/ws-transport.ts';

interface Line {
  readonly id: number;
  readonly address: string;
  readonly method: MethodName;
  readonly params: MethodParams<MethodName>;
  readonly deadlineMs: number;
}

const [caPath = '', certPath = '', keyPath = '', port = ''] = process.argv.slice(2);
const tls = {
  ca: readFileSync(caPath, 'utf8'),
  cert: readFileSync(certPath, 'utf8'),
  key: readFileSync(keyPath, 'utf8'),
};
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const peers = new Map<string, Promise<Peer>>();

function peerOf(address: string): Promise<Peer> {
  const known = peers.get(address);
  if (known !== undefined) return known;
  const made = new Promise<Peer>((resolve, reject) => {
    const socket = new WebSocket(`wss://${address}:${port}/v1/ws`, tls);
    socket.once('open', () => {
      const peer = createPeer(wsTransport(socket));
      peer.on('log', (log) => say({ log }));
      resolve(peer);
    });
    socket.once('error', reject);
  });
  peers.set(address, made);
  made.then(
    (peer) => peer.closed.then(() => peers.delete(address)),
    () => peers.delete(address),
  );
  return made;
}

createInterface({ input: process.stdin })
  .on('line', async (text) => {
    const line = JSON.parse(text) as Line;
    try {
      const peer = await peerOf(line.address);
      const result = await peer.call(line.method, line.params, {
        deadlineMs: line.deadlineMs,
        onProgress: (message) => say({ id: line.id, progress: message }),
      });
      say({ id: line.id, result });
    } catch (error) {
      say({ id: line.id, error: toAppError(error).toJSON() });
    }
  })
  .on('close', () => process.exit(0));
