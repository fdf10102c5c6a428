/** A deployed pair of real hosts, and the daemon that watches it, for tests of what comes after a deploy. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { VotingState } from '../../shared/model/facts.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { Lab } from '../lab/lab.ts';
import { type LabCoordinator, type LabCoordinatorOptions, makeLabCoordinator } from './lab-coordinator.ts';

/** Throws with the command's own words when the deploy fails. */
export async function deployPair(lab: Lab, options: LabCoordinatorOptions = {}): Promise<LabCoordinator> {
  const coordinator = makeLabCoordinator(lab, options);
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

/** What `coordinator status --json` says of a pair, as far as tests ask. */
export interface PairStatus {
  readonly healthy: boolean;
  readonly primary: string | null;
  readonly hosts: readonly {
    readonly name: string;
    readonly heartbeat: { readonly guard: { readonly voting: VotingState | null } | null } | null;
  }[];
}

export interface Roles {
  readonly primary: string;
  readonly standby: string;
}

export interface StatusReader {
  status(): Promise<PairStatus | undefined>;
  phaseOf(host: string): Promise<string | undefined>;
  becomes(host: string, phase: string): Promise<true>;
  /** Waits for a healthy pair. */
  roles(): Promise<Roles>;
  /** Waits until every commit is on both hosts, and the standby may take over. */
  inSync(): Promise<true>;
}

/** The only pair of a coordinator, read over and over by its command line. */
export function readStatus(coordinator: LabCoordinator): StatusReader {
  const wait = { deadlineMs: 90_000, intervalMs: 250 };
  const status = async (): Promise<PairStatus | undefined> => {
    const { document } = await coordinator.json('status');
    // What the command under test prints.
    return (document as { readonly pairs: readonly PairStatus[] }).pairs[0];
  };
  const votes = async () =>
    new Map((await status())?.hosts.map(({ name, heartbeat }) => [name, heartbeat?.guard?.voting]));
  const phaseOf = async (host: string): Promise<string | undefined> => (await votes()).get(host)?.phase;
  return {
    ...{ status, phaseOf },
    becomes: (host, phase) =>
      waitFor(
        `${host} to be ${phase}`,
        async () => ((await phaseOf(host)) === phase ? true : undefined),
        wait,
      ),
    roles: () =>
      waitFor(
        'a healthy pair',
        async () => {
          const { healthy = false, primary = null, hosts = [] } = (await status()) ?? {};
          const standby = hosts.find(({ name }) => name !== primary)?.name;
          return healthy && primary !== null && standby !== undefined ? { primary, standby } : undefined;
        },
        wait,
      ),
    inSync: () =>
      waitFor(
        'SYNC',
        async () => {
          const told = [...(await votes()).values()];
          const ready = told.every((vote) => vote?.mode === 'sync') && told.some((vote) => vote?.promotable);
          return ready && told.length === 2 ? true : undefined;
        },
        wait,
      ),
  };
}
