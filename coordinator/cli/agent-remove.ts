/** `coordinator agent remove`: takes hotpair off a host again, leaving packages, the database and its data. */

import { HOST_PATHS } from '../../shared/model/paths.ts';
import { removeAgent } from '../agents/remove.ts';
import { selectHosts } from '../agents/select-hosts.ts';
import { agentGroup } from './agent-group.ts';
import { audited } from './audited.ts';
import type { Cli, RegisterCommand } from './frame.ts';

interface Flags {
  readonly pair?: string;
  readonly force?: string;
}

export const registerAgentRemove: RegisterCommand = (program, cli) => {
  agentGroup(program)
    .command('remove <host>')
    .summary('take hotpair off a host')
    .description(
      'Stops hotpair on the host and removes its files and settings over ssh. Packages, the database server and its data stay. A host of a deployed pair is refused, unless --force names it.',
    )
    .option('--pair <name>', 'the pair of the host, where several pairs have a host of this name')
    .option('--force <host>', 'remove it from a deployed pair; repeats the name of the host')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator agent remove db2\n  coordinator agent remove db2 --force db2',
    )
    .action((host: string, flags: Flags) => remove(cli(), host, flags));
};

async function remove(cli: Cli, name: string, flags: Flags): Promise<void> {
  const spec = await cli.loadSpec();
  for (const { host, pair } of selectHosts(spec, [name], flags.pair)) {
    const progress = cli.output.progress();
    const task = progress.task(host.name, `hotpair on ${host.name}`);
    try {
      const force = flags.force === name;
      const work = () => removeAgent(spec, host, { force, signal: cli.signal });
      const removed = await audited(cli, spec, host.name, work, 'agent remove');
      task.done(removed.length === 0 ? 'ok' : 'changed', removed.length === 0 ? 'was not there' : 'removed');
      progress.end();
      for (const note of notesOn(host.name, removed)) cli.output.line(note);
      cli.output.result({ host: host.name, pair: pair.name, removed });
    } catch (error) {
      task.fail(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      progress.end();
    }
  }
}

/** What the operator has to know of a host that was part of a pair. Pure. */
function notesOn(host: string, removed: readonly string[]): string[] {
  if (!removed.includes(HOST_PATHS.serverUnitDropIn)) return [];
  return [
    `MariaDB on ${host} keeps running with its data and its replication as they are; it reads its settings without hotpair's at its next start.`,
    `It is not started at boot: systemctl enable mariadb on ${host} changes that. keepalived is stopped and disabled.`,
  ];
}
