/** `coordinator plan`: what deploy would change, as a diff; touches nothing, also where there are no agents yet. */

import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { closeFleet, type Reached, reachAgents } from '../agents/fleet.ts';
import type { AgentLink } from '../agents/link.ts';
import { readReplicationPassword } from '../agents/replication-password.ts';
import { bareFacts, bareObservations } from '../choreography/bare-facts.ts';
import { STEPS } from '../choreography/catalog.ts';
import { readPairFacts } from '../choreography/facts.ts';
import { observe } from '../choreography/observe.ts';
import { isEmpty, makePlan, type Plan, planChanges, renderPlan } from '../choreography/plan.ts';
import { plannedSecrets } from '../secrets.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import type { Output } from './output.ts';

export const registerPlan: RegisterCommand = (program, cli) => {
  program
    .command('plan [pair]')
    .summary('say what deploy would change')
    .description('Says what deploy would change on the hosts, as a diff without secrets. Touches nothing.')
    .addHelpText('after', '\nExamples:\n  coordinator plan\n  coordinator plan orders --json')
    .action((name: string | undefined) => plan(cli(), name));
};

export async function plan(cli: Cli, name: string | undefined): Promise<void> {
  const { output, signal } = cli;
  const spec = await cli.loadSpec();
  const pair = cli.pair(spec, name);
  const reached = await reachAgents(spec, pair, { signal });
  const links = reached.flatMap(({ link }) => (link === undefined ? [] : [link]));
  try {
    const made = await makePairPlan(spec, pair, links, signal);
    print(output, pair.name, made, reached);
  } finally {
    closeFleet(links);
  }
}

/** With one agent missing nothing is asked of the other: the plan is then that of two bare hosts. */
async function makePairPlan(
  spec: HotpairSpec,
  pair: PairSpec,
  links: readonly AgentLink[],
  signal: AbortSignal,
): Promise<Plan> {
  const [a, b] = links;
  const ask = async (): Promise<string | null> =>
    b === undefined ? null : readReplicationPassword(spec, pair, signal);
  const secrets = await plannedSecrets(spec.coordinator.data, pair, ask);
  const ground = { flavor: MARIADB, secrets };
  if (a === undefined || b === undefined) {
    const facts = bareFacts(pair);
    return makePlan(bareObservations(ground, STEPS, facts), facts);
  }
  const ports = [a, b] as const;
  const facts = await readPairFacts(ports, pair, MARIADB);
  return makePlan(await observe({ ...ground, ports }, STEPS, facts), facts);
}

function print(output: Output, pair: string, made: Plan, reached: readonly Reached[]): void {
  const { style } = output;
  const without = reached.flatMap(({ host, error }) => (error === undefined ? [] : [{ host, error }]));
  for (const { host, error } of without)
    output.line(`${host.name}: the agent is installed first (${error.message.split(/[:.] /, 1)[0]}).`);
  if (without.length > 0) output.line('What follows is for two bare hosts.\n');
  for (const line of renderPlan(made)) output.line(paint(line, style));
  for (const note of made.notes) output.line(`\n${style.yellow('!')} ${note}`);
  const changes = planChanges(made);
  if (isEmpty(made)) output.line(`${style.green('✔')} ${pair}: nothing to change.`);
  else
    output.line(`\n${changes.length} changes; nothing was touched. coordinator deploy ${pair} makes them.`);
  output.result({
    pair,
    agentsMissing: without.map(({ host }) => host.name),
    changed: changes.length,
    changes,
    notes: made.notes,
  });
}

function paint(line: string, style: Output['style']): string {
  if (!line.startsWith(' ')) return style.bold(line);
  if (/^ {6}\+/.test(line)) return style.green(line);
  if (/^ {6}-/.test(line)) return style.red(line);
  return /^ {6}/.test(line) ? style.dim(line) : line;
}
