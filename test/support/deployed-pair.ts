/** A deployed pair of real hosts, and the daemon that watches it, for tests of what comes after a deploy. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { Lab } from '../lab/lab.ts';
import { type LabCoordinator, makeLabCoordinator } from './lab-coordinator.ts';

/** Throws with the command's own words when the deploy fails. */
export async function deployPair(lab: Lab): Promise<LabCoordinator> {
  const coordinator = makeLabCoordinator(lab);
  const { code, stdout, stderr } = await coordinator.run('deploy', '--yes');
  if (code !== 0) throw new Error(`the deploy ended with ${code}: ${stderr || stdout}`);
  return coordinator;
}

export interface Followed extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Lines of standard output so far. */
  readonly lines: readonly string[];
  /** Waits until a line of standard output matches. */
  said(words: RegExp): Promise<string>;
  /** Sends the signal and answers the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts a command line that goes on; it is killed at the end of the scope when nobody ended it. */
export function follow(coordinator: LabCoordinator, ...args: string[]): Followed {
  const [file = '', ...rest] = coordinator.argv(...args);
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  return {
    ...{ process: child, lines, end },
    said: (words) =>
      waitFor(`a line like ${words}`, () => lines.find((line) => words.test(line)), {
        deadlineMs: 60_000,
        intervalMs: 20,
      }),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
    },
  };
}
