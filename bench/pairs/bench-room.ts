/** Processes of a bench in a network namespace of their own, where every address of the simulated hosts is there. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { NETWORK } from './fleet.ts';

export const COORDINATOR = fileURLToPath(new URL('../../coordinator/main.ts', import.meta.url));

const IP_MS = 10_000;

export interface Started {
  readonly child: ChildProcess;
  /** What it has told so far. */
  readonly messages: readonly unknown[];
}

export interface BenchRoom extends AsyncDisposable {
  /** A folder of its own. */
  readonly folder: string;
  /** Runs a module with the options of this Node: a profile of this one is one of all. */
  start(...args: readonly string[]): Started;
}

/** At the end of the scope its processes end, the last one first, and nothing of it is left. */
export async function openBenchRoom(): Promise<BenchRoom> {
  const folder = mkdtempSync(join(tmpdir(), 'hotpair-bench-'));
  const namespace = `hp-bench-${process.pid}`;
  const processes: ChildProcess[] = [];
  const room: BenchRoom = {
    folder,
    start(...args) {
      const argv = ['netns', 'exec', namespace, process.execPath, ...process.execArgv, ...args];
      const child = spawn('ip', argv, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      processes.push(child);
      const messages: unknown[] = [];
      child.on('message', (message) => messages.push(message));
      return { child, messages };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(processes.toReversed().map(end));
      await runCommand(['ip', 'netns', 'del', namespace], { timeoutMs: IP_MS, check: false });
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await makeNamespace(namespace);
    return room;
  } catch (error) {
    await room[Symbol.asyncDispose]();
    throw error;
  }
}

async function makeNamespace(name: string): Promise<void> {
  for (const args of [
    ['netns', 'add', name],
    ['-n', name, 'link', 'set', 'lo', 'up'],
    ['-n', name, 'route', 'add', 'local', NETWORK, 'dev', 'lo'],
  ])
    await runCommand(['ip', ...args], { timeoutMs: IP_MS });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(patience);
}
