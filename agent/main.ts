#!/usr/bin/env node
/**
 * The program on a database host: `serve` is the agent, `enroll` the end of an installation. Each is
 * a process of its own; what one does not need is not loaded.
 */

import { parseArgs } from 'node:util';
import { toAppError } from '../shared/errors/app-error.ts';
import { HOST_PATHS } from '../shared/model/paths.ts';
import { BUILD_VERSION } from '../shared/protocol/version.ts';

const USAGE = `usage: agent serve [--config FILE]   the agent
       agent enroll                  joins this host to a coordinator (JSON lines on standard input)
       agent version`;

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case 'serve':
      return await serve(rest);
    case 'enroll': {
      const { runEnroll } = await import('./enroll.ts');
      return await runEnroll();
    }
    case 'version':
      console.log(BUILD_VERSION);
      return 0;
    default:
      console.error(USAGE);
      return 2;
  }
}

async function serve(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { config: { type: 'string', default: HOST_PATHS.agentConfig } },
  });
  const { runAgent } = await import('./run-agent.ts');
  return await runAgent(values.config);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const error = toAppError(thrown);
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  },
);
