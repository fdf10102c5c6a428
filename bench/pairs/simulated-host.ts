/**
 * One simulated host: an agent that pushes heartbeats as the real one does, over real TLS and the real protocol, and a
 * guard that keeps its link to the witness and, where it votes, asks for its lease as often as a real one.
 */

import { once } from 'node:events';
import { createServer } from 'node:tls';
import { pushHeartbeats } from '../../agent/heartbeat.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { PairRecord } from '../../shared/pair/record.ts';
import { TIMING } from '../../shared/pair/timing.ts';
import { EQUAL_WEIGHTS } from '../../shared/pair/weights.ts';
import { WIRE_VERSION } from '../../shared/pair/wire.ts';
import { VoterLink } from '../../shared/runtime/voter-link/voter-link.ts';
import { startAgentServer } from '../../test/support/agent-server.ts';
import { makeHeartbeat } from '../../test/support/make-heartbeat.ts';
import { AGENT_PORT, type GuardMode, type SimulatedHost, type SimulatedPair } from './fleet.ts';

export interface HostIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface SimulatedHostOptions {
  readonly pair: SimulatedPair;
  readonly host: SimulatedHost;
  readonly identity: HostIdentity;
  readonly guards: GuardMode;
  /** A heartbeat goes out: the lag that it tells tells it apart from those before. */
  readonly onBeat: (lagSeconds: number) => void;
  readonly onSubscribed: () => void;
}

/** What the voters of a simulated pair have agreed upon. */
export const RECORD: PairRecord = {
  ...{ epoch: 7, primary: 'A', mode: 'sync', since: 1, takenOver: 'never' },
  ...{ weights: EQUAL_WEIGHTS, formerWeights: null },
};
const HEARTBEAT_MS = 1000;
/** Below the lag that counts as trouble. */
const LAGS = 9;

export async function startSimulatedHost(options: SimulatedHostOptions): Promise<void> {
  const { host, identity, onBeat, onSubscribed } = options;
  const server = await startAgentServer({
    ...{ ...identity, address: host.address, port: AGENT_PORT, hello: { host: host.name } },
    handler: async (method) => {
      if (method === 'decisions') return [];
      if (method !== 'heartbeat.subscribe') return {};
      const peer = server.peers.at(-1);
      const source = heartbeatSource(options);
      const push = (changes: Parameters<Parameters<typeof pushHeartbeats>[2]>[0]): void => {
        onBeat(source.lagSeconds);
        peer?.notify('heartbeat', changes);
      };
      const stop = pushHeartbeats(source, HEARTBEAT_MS, push, () => undefined);
      void peer?.closed.then(stop);
      onSubscribed();
      return {};
    },
  });
  await startGuard(options);
}

/** What moves in the heartbeats of a host that works, and nothing else. */
function heartbeatSource({ pair, host }: SimulatedHostOptions) {
  const began = Date.now();
  const still = makeHeartbeat(host.primary ? 'db1' : 'db2', { time: began });
  const own = { interface: 'lo', prefix: 24, family: 'inet' } as const;
  const addresses = [host.address, ...(host.primary ? [pair.vip] : [])].map((address) => ({
    ...own,
    address,
  }));
  let sequence = 0;
  return {
    lagSeconds: 0,
    async make(): Promise<Heartbeat> {
      sequence += 1;
      this.lagSeconds = sequence % LAGS;
      const { database, guard } = still;
      const time = Date.now();
      const position = `0-1-${42 + sequence * 7}`;
      return {
        ...{ ...still, host: host.name, addresses, sequence, time, load1: (sequence % 100) / 100 },
        ...{ memoryFreeBytes: 2e9 + sequence * 4096, hostUptimeSeconds: 86_400 + sequence },
        database: {
          ...{ ...database, commits: 1000 + sequence * 7, uptimeSeconds: 3600 + sequence },
          ...{ gtidBinlogPos: position, gtidSlavePos: position },
          channel:
            database.channel === null
              ? null
              : { ...database.channel, gtidIoPos: position, secondsBehind: this.lagSeconds },
        },
        guard: guard === null ? null : { ...guard, updated: time },
      };
    },
  };
}

async function startGuard({ pair, host, identity, guards }: SimulatedHostOptions): Promise<void> {
  if (guards === 'none') return;
  const from = host.primary ? 'A' : 'B';
  const server = createServer({ ...identity, requestCert: true, minVersion: 'TLSv1.3', noDelay: true });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => {
    const link = new VoterLink({
      ...{ socket, from: 'W', dialled: false, heard: () => undefined, up: () => undefined },
      own: { kind: 'hello', protocol: WIRE_VERSION, pair: pair.name, from },
      down: () => clearInterval(timer),
    });
    const timer =
      guards === 'voting' && host.primary ? setInterval(askForLease(link), TIMING.renewMs) : undefined;
  });
  server.listen(AGENT_PORT + 1, host.address);
  await once(server, 'listening');
}

function askForLease(link: VoterLink): () => void {
  let seq = 0;
  return () => {
    seq += 1;
    const renewal = {
      kind: 'renew',
      by: 'A',
      stamp: { boot: 1, seq },
      record: RECORD,
      forgot: null,
    } as const;
    link.send({ kind: 'request', request: renewal });
  };
}
