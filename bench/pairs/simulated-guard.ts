/**
 * One simulated guard: says to the witness what a real one does, and as often, but reads its answers no further than to
 * see that they came. A thousand real ones would need more of the machine than the coordinator that is measured.
 */

import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import type { PairRecord } from '../../shared/pair/record.ts';
import { TIMING } from '../../shared/pair/timing.ts';
import { EQUAL_WEIGHTS } from '../../shared/pair/weights.ts';
import { encodeLine, WIRE_VERSION } from '../../shared/pair/wire.ts';
import { AGENT_PORT, type SimulatedHost, type SimulatedPair } from './fleet.ts';
import type { HostIdentity } from './simulated-host.ts';

export interface SimulatedGuardOptions {
  readonly pair: SimulatedPair;
  readonly host: SimulatedHost;
  readonly identity: HostIdentity;
  /** It asks for a lease, as a primary does. */
  readonly asks: boolean;
  /** It asks once more; `late`: what it asked before is not answered yet. */
  readonly onAsk: (late: boolean) => void;
  /** The witness has said hello, for the first time or again. */
  readonly onLinked: () => void;
}

/** What the voters of a simulated pair have agreed upon. */
export const RECORD: PairRecord = {
  ...{ epoch: 7, primary: 'A', mode: 'sync', since: 1, takenOver: 'never' },
  ...{ weights: EQUAL_WEIGHTS, formerWeights: null },
};
const HEARD = encodeLine({ kind: 'heard' });

export async function startSimulatedGuard(options: SimulatedGuardOptions): Promise<void> {
  const { host, identity } = options;
  const server = createServer({ ...identity, requestCert: true, minVersion: 'TLSv1.3', noDelay: true });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => speak(socket, options));
  server.listen(AGENT_PORT + 1, host.address);
  await once(server, 'listening');
}

function speak(socket: TLSSocket, { pair, host, asks, onAsk, onLinked }: SimulatedGuardOptions): void {
  const from = host.primary ? 'A' : 'B';
  let [seq, heard, waits] = [0, false, false];
  const tick = (): void => {
    if (asks) {
      onAsk(waits);
      waits = true;
      seq += 1;
      socket.write(renewal(seq));
    } else if (heard) {
      heard = false;
      socket.write(HEARD);
    }
  };
  socket.on('error', () => socket.destroy());
  socket.once('data', onLinked);
  socket.on('data', (bytes: Buffer) => {
    heard = true;
    if (asks && bytes.includes('"granted"')) waits = false;
  });
  socket.write(encodeLine({ kind: 'hello', protocol: WIRE_VERSION, pair: pair.name, from }));
  const timer = setInterval(tick, TIMING.renewMs);
  socket.on('close', () => clearInterval(timer));
}

const [HEAD = '', TAIL = ''] = encodeLine({
  kind: 'request',
  request: { kind: 'renew', by: 'A', stamp: { boot: 1, seq: 0 }, record: RECORD, forgot: null },
}).split('"seq":0');

const renewal = (seq: number): string => `${HEAD}"seq":${seq}${TAIL}`;
