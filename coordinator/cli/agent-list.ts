/** `coordinator agent list`: which agents answer, of which build, and until when their certificates are good. */

import { type Reached, reachAgents } from '../agents/fleet.ts';
import { wantedBuild } from '../agents/version.ts';
import { agentGroup } from './agent-group.ts';
import type { Cli, RegisterCommand } from './frame.ts';

const CONNECT_MS = 3000;

export const registerAgentList: RegisterCommand = (program, cli) => {
  agentGroup(program)
    .command('list')
    .summary('list the agents and their versions')
    .description(
      'Connects to the agents of all pairs and says which answer, of which build they are, and until when their certificates are good. Changes nothing.',
    )
    .action(() => listAgents(cli()));
};

async function listAgents(cli: Cli): Promise<void> {
  const spec = await cli.loadSpec();
  const wanted = await wantedBuild();
  const reached = await Promise.all(
    spec.pairs.map(async (pair) => {
      const hosts = await reachAgents(spec, pair, { connectMs: CONNECT_MS, signal: cli.signal });
      return hosts.map((one) => ({ pair: pair.name, ...describe(one, wanted) }));
    }),
  );
  cli.signal.throwIfAborted();
  const agents = reached.flat();
  const { style } = cli.output;
  cli.output.table([
    ['PAIR', 'HOST', 'ADDRESS', 'AGENT', 'CERTIFICATE UNTIL', 'STATE'],
    ...agents.map(({ pair, host, address, version, certificateUntil, up, state }) => [
      pair,
      host,
      address,
      version ?? '-',
      certificateUntil ?? '-',
      up ? style.green(state) : style.red(state),
    ]),
  ]);
  cli.output.result({ wanted, agents });
}

interface ListedAgent {
  readonly host: string;
  readonly address: string;
  readonly up: boolean;
  readonly version: string | null;
  /** YYYY-MM-DD */
  readonly certificateUntil: string | null;
  readonly state: string;
}

function describe({ host, link, error }: Reached, wanted: string): ListedAgent {
  const where = { host: host.name, address: host.address };
  if (link === undefined)
    return { ...where, up: false, version: null, certificateUntil: null, state: error.message };
  link.close();
  const { version } = link.hello;
  return {
    ...where,
    up: true,
    version,
    certificateUntil: new Date(link.certificateExpiresAt).toISOString().slice(0, 10),
    state: version === wanted ? 'up' : `up, to be brought to ${wanted} by agent install`,
  };
}
