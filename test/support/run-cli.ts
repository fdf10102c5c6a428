/** Runs the coordinator's command line as a process of its own, with pipes or on a pseudo-terminal. */

import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type RunResult, runCommand } from '../../shared/runtime/run-command.ts';

/** The test runner loads its hooks into every Node below it; these processes are to be as an operator starts them. */
const NODE = ['env', '-u', 'NODE_OPTIONS', execPath];

const MAIN = fileURLToPath(new URL('../../coordinator/main.ts', import.meta.url));

export interface CliRun {
  readonly cwd: string;
  /** Another program than coordinator/main.ts. */
  readonly main?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export function runCli(args: readonly string[], options: CliRun): Promise<RunResult> {
  return runCommand([...NODE, options.main ?? MAIN, ...args], {
    check: false,
    timeoutMs: 60_000,
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
  });
}

/** The same on a pseudo-terminal of util-linux's script(1): stdout holds what the screen was sent. */
export function runCliOnTerminal(args: readonly string[], options: CliRun): Promise<RunResult> {
  const command = [...NODE, options.main ?? MAIN, ...args].map(quoted).join(' ');
  return runCommand(['script', '-q', '-e', '-c', command, '/dev/null'], {
    check: false,
    timeoutMs: 60_000,
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...options.env },
    input: options.input ?? '',
  });
}

/** script(1) takes one line for the shell; single quotes keep every word as it is. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
