/** The process of a load client as its parent sees it: requests go in, answers come out in the same order. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Asked for on standard input, one a line. */
export type WorkerRequest = 'counters' | 'stop';

const answerTimeoutMs = 10_000;

export class Worker<Counters> {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: ((message: Counters | Error) => void)[] = [];

  constructor(enter: readonly string[], program: string, settings: object) {
    const [file = process.execPath, ...args] = [...enter, process.execPath, program];
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#settle(countersOf(line)));
    this.#child.stdin.on('error', () => undefined); // the exit tells
    this.#child.on('error', (error) => this.#settle(error));
    this.#child.on('exit', (code) => {
      while (this.#waiting.length > 0) this.#settle(new Error(`the load client ended with code ${code}`));
    });
    this.#child.stdin.write(`${JSON.stringify(settings)}\n`);
  }

  async ask(request: WorkerRequest): Promise<Counters> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      throw new Error('the load client is not running');
    const answer = new Promise<Counters | Error>((resolve) => this.#waiting.push(resolve));
    const timer = setTimeout(() => {
      this.kill();
      this.#settle(new Error(`the load client did not answer "${request}" within ${answerTimeoutMs} ms`));
    }, answerTimeoutMs);
    this.#child.stdin.write(`${request}\n`);
    const message = await answer;
    clearTimeout(timer);
    if (message instanceof Error) throw message;
    return message;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #settle(message: Counters | Error): void {
    this.#waiting.shift()?.(message);
  }
}

/** `{"counters": …}` while it works, `{"done": …}` at its end. */
function countersOf<Counters>(line: string): Counters {
  const message = JSON.parse(line) as { readonly counters?: Counters; readonly done?: Counters };
  return (message.counters ?? message.done) as Counters;
}
