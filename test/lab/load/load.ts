/** The load client as its parent sees it: started inside a namespace of the lab, asked for counters, stopped. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type HistoryEvent, parseHistory } from './history.ts';
import { defaultSettings, type LoadAnswer, type LoadCounters, type LoadSettings } from './settings.ts';

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
  const [file = process.execPath, ...args] = [...enter, process.execPath, program];
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const waiting: ((message: LoadAnswer | Error) => void)[] = [];
  const settle = (message: LoadAnswer | Error): void => waiting.shift()?.(message);
  createInterface({ input: child.stdout }).on('line', (line) => settle(JSON.parse(line)));
  child.stdin.on('error', () => undefined); // the exit tells
  child.on('error', (error) => settle(error));
  child.on('exit', (code) => {
    while (waiting.length > 0) settle(new Error(`the load client ended with code ${code}`));
  });
  child.stdin.write(`${JSON.stringify(settings)}\n`);

  const ask = (request: string): Promise<LoadAnswer> =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null)
        return reject(new Error('the load client is not running'));
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`the load client did not answer "${request}" within ${answerTimeoutMs} ms`));
      }, answerTimeoutMs);
      waiting.push((message) => {
        clearTimeout(timer);
        if (message instanceof Error) reject(message);
        else resolve(message);
      });
      child.stdin.write(`${request}\n`);
    });

  return {
    settings,
    async counters() {
      const message = await ask('counters');
      return 'counters' in message ? message.counters : message.done;
    },
    async stop() {
      const message = await ask('stop');
      child.stdin.end();
      const counters = 'counters' in message ? message.counters : message.done;
      return { counters, history: parseHistory(readFileSync(settings.historyFile, 'utf8')) };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
    },
  };
}
