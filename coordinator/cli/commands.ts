/** The sub-commands of the coordinator, in the order of its help. */

import type { RegisterCommand } from './frame.ts';

export const COMMANDS: readonly RegisterCommand[] = [];
