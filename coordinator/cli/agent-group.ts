/** The command that the agent commands hang below: `coordinator agent install|list|remove|metrics`. */

import type { Command } from 'commander';

export function agentGroup(program: Command): Command {
  const known = program.commands.find((command) => command.name() === 'agent');
  return known ?? program.command('agent').summary('put the agent on hosts, list agents, remove them');
}
