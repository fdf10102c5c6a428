#!/usr/bin/env node
/** The coordinator's command line: composition root of one run. Everything it can do is in cli/commands.ts. */

import process from 'node:process';
import { COMMANDS } from './cli/commands.ts';
import { runCli } from './cli/frame.ts';

/** How long a command that is done may keep sockets open before the process ends anyway. */
const LINGER_MS = 2000;

process.exitCode = await runCli(process.argv.slice(2), COMMANDS);
setTimeout(() => process.exit(), LINGER_MS).unref();
