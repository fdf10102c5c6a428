/** `coordinator serve` in the operator's namespace of the lab: the watcher, and the witness of a pair that votes. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const endTimeoutMs = 5000;

export class CoordinatorDaemon implements AsyncDisposable {
  readonly #argv: readonly string[];
  readonly #logFile: string;
  #child: ChildProcess | undefined;

  constructor(argv: readonly string[], logFile: string) {
    this.#argv = argv;
    this.#logFile = logFile;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start(): void {
    if (this.running) return;
    const [file = '', ...args] = this.#argv;
    const log = openSync(this.#logFile, 'a', 0o600);
    this.#child = spawn(file, args, { stdio: ['ignore', log, log], detached: true });
    this.#child.on('error', () => undefined); // it does not run then
    closeSync(log);
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Ends it by the signal; what does not end politely in time is killed. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const patience = new AbortController();
    const late = delay(endTimeoutMs, undefined, { signal: patience.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
    await ended;
    patience.abort();
    await late;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGTERM');
  }
}
