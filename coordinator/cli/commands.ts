/** The sub-commands of the coordinator, in the order of its help. */

import { registerAgentInstall } from './agent-install.ts';
import { registerAgentList } from './agent-list.ts';
import { registerAgentRemove } from './agent-remove.ts';
import { registerCheck } from './check.ts';
import type { RegisterCommand } from './frame.ts';
import { registerInit } from './init.ts';

export const COMMANDS: readonly RegisterCommand[] = [
  registerInit,
  registerCheck,
  registerAgentInstall,
  registerAgentList,
  registerAgentRemove,
];
