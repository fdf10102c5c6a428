/** The load client as its parent sees it: started inside a namespace of the lab, asked for counters, stopped. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type HistoryEvent, parseHistory } from './history.ts';
import { defaultSettings, type LoadCounters, type LoadSettings } from './settings.ts';
import { Worker } from './worker.ts';

type Required = 'host' | 'user' | 'password' | 'database' | 'table' | 'historyFile';
export type LoadOptions = Pick<LoadSettings, Required> & Partial<LoadSettings>;

export interface Load extends AsyncDisposable {
  readonly settings: LoadSettings;
  counters(): Promise<LoadCounters>;
  /** What it has seen so far, but for the last few milliseconds. */
  seen(): readonly HistoryEvent[];
  /** Ends the client after its attempts under way, and reads what it saw. */
  stop(): Promise<{ readonly counters: LoadCounters; readonly history: readonly HistoryEvent[] }>;
}

const program = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

/** Starts a load client; `enter` is an argv prefix such as `lab.clientArgv`. */
export function startLoad(enter: readonly string[], options: LoadOptions): Load {
  const settings: LoadSettings = { ...defaultSettings, ...options };
  const worker = new Worker<LoadCounters>(enter, program, settings);
  const seen = (): readonly HistoryEvent[] => parseHistory(readFileSync(settings.historyFile, 'utf8'));
  return {
    settings,
    counters: () => worker.ask('counters'),
    seen,
    async stop() {
      const counters = await worker.ask('stop');
      return { counters, history: seen() };
    },
    async [Symbol.asyncDispose]() {
      worker.kill();
    },
  };
}
