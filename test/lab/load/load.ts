/** The load client as its parent sees it: started inside a namespace of the lab, asked for counters, stopped. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type HistoryEvent, parseHistory } from './history.ts';
import {
  defaultSettings,
  type LoadAnswer,
  type LoadCounters,
  type LoadRequest,
  type LoadSettings,
} from './settings.ts';

type Required = 'host' | 'user' | 'password' | 'database' | 'table' | 'historyFile';
export type LoadOptions = Pick<LoadSettings, Required> & Partial<LoadSettings>;

export interface Load extends AsyncDisposable {
  readonly settings: LoadSettings;
  counters(): Promise<LoadCounters>;
  /** Ends the client after its attempts under way, and reads what it saw. */
  stop(): Promise<{ readonly counters: LoadCounters; readonly history: readonly HistoryEvent[] }>;
}

const program = fileURLToPath(new URL('./writer-process.ts', import.meta.url));
const answerTimeoutMs = 10_000;

/** Starts a load client; `enter` is an argv prefix such as `lab.clientArgv`. */
export function startLoad(enter: readonly string[], options: LoadOptions): Load {
  const settings: LoadSettings = { ...defaultSettings, ...options };
  const client = new Client(enter, settings);
  return {
    settings,
    async counters() {
      const message = await client.ask('counters');
      return 'counters' in message ? message.counters : message.done;
    },
    async stop() {
      const message = await client.ask('stop');
      const counters = 'counters' in message ? message.counters : message.done;
      return { counters, history: parseHistory(readFileSync(settings.historyFile, 'utf8')) };
    },
    async [Symbol.asyncDispose]() {
      client.kill();
    },
  };
}

/** The process: requests go in, answers come out in the same order. */
class Client {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: ((message: LoadAnswer | Error) => void)[] = [];

  constructor(enter: readonly string[], settings: LoadSettings) {
    const [file = process.execPath, ...args] = [...enter, process.execPath, program];
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#settle(JSON.parse(line)));
    this.#child.stdin.on('error', () => undefined); // the exit tells
    this.#child.on('error', (error) => this.#settle(error));
    this.#child.on('exit', (code) => {
      while (this.#waiting.length > 0) this.#settle(new Error(`the load client ended with code ${code}`));
    });
    this.#child.stdin.write(`${JSON.stringify(settings)}\n`);
  }

  async ask(request: LoadRequest): Promise<LoadAnswer> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      throw new Error('the load client is not running');
    const answer = new Promise<LoadAnswer | Error>((resolve) => this.#waiting.push(resolve));
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

  #settle(message: LoadAnswer | Error): void {
    this.#waiting.shift()?.(message);
  }
}
