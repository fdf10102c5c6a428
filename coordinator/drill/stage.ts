/** Before a drill: is the pair healthy enough to lose its primary on purpose, and who is what. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { type AgentPort, type AgentPorts, primaryIndex } from '../choreography/facts.ts';
import { factsOf, isHeld, problemOf, readAddresses, readHeartbeats } from './hosts.ts';
import type { AddressPicture } from './judge.ts';

export interface DrillStage {
  readonly primary: AgentPort;
  readonly standby: AgentPort;
  readonly before: AddressPicture;
}

/** Throws PAIR_UNHEALTHY with the reason. */
export async function stageDrill(pair: PairSpec, ports: AgentPorts): Promise<DrillStage> {
  const heartbeats = await readHeartbeats(ports);
  const problem = problemOf(pair, heartbeats);
  const index = primaryIndex(factsOf(pair, heartbeats));
  if (problem !== null || index === null)
    throw await refusal(pair, ports, problem ?? 'no host is the primary');
  return {
    primary: ports[index],
    standby: ports[index === 0 ? 1 : 0],
    before: await readAddresses(ports),
  };
}

async function refusal(pair: PairSpec, ports: AgentPorts, problem: string): Promise<AppError> {
  const held = await heldHosts(ports);
  const hint =
    held.length === 0
      ? ''
      : ` The server on ${held.join(' and ')} is held down by a drill that was interrupted: coordinator drill ${pair.name} --recover brings it back.`;
  return new AppError('PAIR_UNHEALTHY', `No drill on ${pair.name}, it is not healthy: ${problem}.${hint}`, {
    data: { problem, held },
  });
}

async function heldHosts(ports: AgentPorts): Promise<string[]> {
  const held = await Promise.all(ports.map((port) => isHeld(port).catch(() => false)));
  return ports.filter((_, index) => held[index]).map((port) => port.host.name);
}
