/**
 * One simulated host: an agent that pushes heartbeats as often as the real one, over real TLS and the real protocol, and
 * a guard that keeps its link to the witness and, where it votes, asks for its lease.
 */

import { startAgentServer } from '../../test/support/agent-server.ts';
import { AGENT_PORT, type GuardMode, type SimulatedHost, type SimulatedPair } from './fleet.ts';
import { beatsOf } from './simulated-beats.ts';
import { startSimulatedGuard } from './simulated-guard.ts';

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
  /** As of a guard. */
  readonly onAsk: (late: boolean) => void;
  readonly onLinked: () => void;
}

const HEARTBEAT_MS = 1000;

export async function startSimulatedHost(options: SimulatedHostOptions): Promise<void> {
  const { pair, host, identity, guards, onBeat, onSubscribed, onAsk, onLinked } = options;
  const server = await startAgentServer({
    ...{ ...identity, address: host.address, port: AGENT_PORT, hello: { host: host.name } },
    handler: async (method) => {
      if (method === 'decisions') return [];
      if (method !== 'heartbeat.subscribe') return {};
      const peer = server.peers.at(-1);
      const next = beatsOf(pair, host, Date.now());
      const push = (): void => {
        const { changes, lagSeconds } = next(Date.now());
        onBeat(lagSeconds);
        peer?.notify('heartbeat', changes);
      };
      push();
      const timer = setInterval(push, HEARTBEAT_MS);
      void peer?.closed.then(() => clearInterval(timer));
      onSubscribed();
      return {};
    },
  });
  if (guards === 'none') return;
  const asks = guards === 'voting' && host.primary;
  await startSimulatedGuard({ pair, host, identity, asks, onAsk, onLinked });
}
