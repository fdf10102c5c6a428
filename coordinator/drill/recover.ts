/** After a drill that did not come to its end: the servers are let go, and the pair is waited for. */

import type { PairSpec } from '../../shared/model/pair-spec.ts';
import type { AgentPorts } from '../choreography/facts.ts';
import { type StepOptions, step, timedStep } from './drill-step.ts';
import { problemOf, readHeartbeats, releaseServer } from './hosts.ts';

/** Does nothing to a pair that is well. Settles when the pair is healthy. */
export async function recoverPair(pair: PairSpec, ports: AgentPorts, options: StepOptions): Promise<void> {
  const started = performance.now();
  await step(options, 'recover', 'Let the servers come back', async () => {
    const held = await Promise.all(ports.map((port) => releaseServer(port)));
    const names = ports.filter((_, index) => held[index]).map((port) => port.host.name);
    return names.length === 0 ? 'none was held' : names.join(', ');
  });
  await timedStep(options, 'recovered', 'The pair is healthy', started, async () =>
    problemOf(pair, await readHeartbeats(ports)) === null ? true : undefined,
  );
}
