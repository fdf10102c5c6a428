/** Programs the demo runs beside its own story: shown ones share its terminal, the daemon writes to a file. */

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Story } from './story.ts';

/** Runs a command line of the coordinator on the demo's own terminal; throws when it fails. */
export async function show(
  command: string,
  argv: readonly string[],
  story: Story,
  signal: AbortSignal,
): Promise<void> {
  story.command(`coordinator ${command}`);
  story.pause();
  const [file = '', ...args] = argv;
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    // Ctrl-C on a terminal reaches the program by itself; a signal to the demo alone is passed on.
    const end = (): void => void (process.stdin.isTTY || child.kill('SIGTERM'));
    signal.addEventListener('abort', end, { once: true });
    child.once('error', reject);
    child.once('exit', (status) => {
      signal.removeEventListener('abort', end);
      resolve(status ?? 1);
    });
  });
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`coordinator ${command} ended with code ${code}; its own words are above`);
}

export interface Daemon extends AsyncDisposable {
  /** Throws with the end of its log when it has ended by itself. */
  assertRunning(): void;
}

const endTimeoutMs = 5000;

/** Starts a program in a process group of its own, so that a Ctrl-C is the demo's to pass on. */
export function startDaemon(
  title: string,
  argv: readonly string[],
  logFile: string,
  signal: AbortSignal,
): Daemon {
  const [file = '', ...args] = argv;
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(file, args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const state: { ended?: string } = {};
  const exited = new Promise<void>((resolve) => {
    const end = (reason: string): void => {
      state.ended = reason;
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code) => end(`code ${code}`));
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  return {
    assertRunning() {
      if (state.ended === undefined) return;
      const tail = readFileSync(logFile, 'utf8').trim().split('\n').slice(-15).join('\n');
      throw new Error(`${title} ended (${state.ended}):\n${tail}`);
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', stop);
      stop();
      const patience = new AbortController();
      await Promise.race([
        exited,
        delay(endTimeoutMs, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
      child.kill('SIGKILL');
    },
  };
}
